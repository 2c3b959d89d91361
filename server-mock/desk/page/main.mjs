// @ts-check
// The desk: choose a set, give it a file of commands, watch it, read what failed. It keeps nothing: what it shows is asked for again and
// again, quickly while something runs, so that a page that was closed or a desk that died leaves nothing behind but the batches themselves.

import { DeskError, deskClient, takeToken } from './desk-client.mjs';
import { find, make, say } from './dom.mjs';
import { makeSheet } from './sheet.mjs';
import { countWord, momentWord, STATE_WORDS, sizeWord, troubleWord } from './words.mjs';

/** @typedef {import('../desk-app.ts').BatchView} BatchView */

/** Between two looks, in milliseconds: while something runs, and else. */
const QUICK_MS = 300;
const CALM_MS = 4_000;

const form = find('form', HTMLFormElement);
const set = find('#set', HTMLSelectElement);
const drop = find('.drop', HTMLElement);
const chooser = find('input[type=file]', HTMLInputElement);
const begin = find('button[type=submit]', HTMLButtonElement);
const word = find('.say', HTMLElement);
const shelf = find('.shelf ul', HTMLElement);
const none = find('.shelf .quiet', HTMLElement);
const desk = find('.desk', HTMLElement);

/** @type {File | null} */
let file = null;
/** @type {string | null} */
let chosen = null;
/** @type {{ readonly id: string, readonly sheet: ReturnType<typeof makeSheet> } | null} */
let open = null;
let isBusy = false;
let hasSets = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

const token = takeToken();
const client = token === null ? null : deskClient(token);

/** Does something for the keeper, and says what stood in its way. @param {() => Promise<void>} work */
async function attempt(work) {
  try {
    await work();
    tellTrouble('');
  } catch (cause) {
    if (!(cause instanceof DeskError)) throw cause;
    tellTrouble(troubleWord(cause));
  }
}

/** @param {string} text */
function tellTrouble(text) {
  say(word, text);
  word.classList.toggle('bad', text !== '');
}

function drawForm() {
  begin.disabled = isBusy || file === null || !hasSets;
  say(begin, isBusy ? 'Taking the file in' : 'Begin');
  say(find('.drop-word', HTMLElement), file === null ? 'Choose a file of commands' : file.name);
  const note = 'or drop it here: one command a line, as the units made them';
  say(find('.drop-note', HTMLElement), file === null ? note : `${sizeWord(file.size)} · choose another`);
  drop.classList.toggle('full', file !== null);
}

/** @param {readonly BatchView[]} batches */
function drawShelf(batches) {
  none.hidden = batches.length > 0;
  const rows = new Map([...shelf.children].map((row) => [row instanceof HTMLElement ? row.dataset.id : '', row]));
  const wanted = batches.map((batch) => rows.get(batch.id) ?? makeRow(batch));
  if (wanted.some((row, at) => shelf.children[at] !== row) || shelf.children.length !== wanted.length) {
    shelf.replaceChildren(...wanted);
  }
  for (const [at, batch] of batches.entries()) {
    const row = wanted[at];
    if (!(row instanceof HTMLElement)) continue;
    const isOpen = batch.id === open?.id;
    row.dataset.state = batch.state;
    find('button', HTMLButtonElement, row).setAttribute('aria-pressed', String(isOpen));
    say(find('.row-state', HTMLElement, row), stateOf(batch));
    find('.thin', HTMLElement, row).style.setProperty('--done', String(batch.answered / batch.commands));
  }
}

/** @param {BatchView} batch */
function stateOf({ state, answered, commands, failed }) {
  const ends = failed === 0 ? STATE_WORDS[state] : `${STATE_WORDS[state]}, ${countWord(failed)} failed`;
  return state === 'finished'
    ? `${ends} · ${countWord(commands)}`
    : `${ends} · ${countWord(answered)} of ${countWord(commands)}`;
}

/** @param {BatchView} batch */
function makeRow({ id, file: name, set: ofSet, createdTime }) {
  const button = make('button', 'row', [
    make('span', 'row-name', [name]),
    make('span', 'row-note', [`${ofSet} · ${momentWord(createdTime)}`]),
    make('span', 'thin'),
    make('span', 'row-state'),
  ]);
  button.type = 'button';
  button.addEventListener('click', () => {
    chosen = id;
    void look();
    // On a narrow screen the paper is below the list.
    desk.scrollIntoView({ block: 'nearest' });
  });
  const row = make('li', '', [button]);
  row.dataset.id = id;
  return row;
}

/** @param {BatchView | undefined} batch */
function drawDesk(batch) {
  if (batch === undefined) {
    open = null;
    desk.replaceChildren(
      make('p', 'empty', ['A batch that you begin is shown here: how far it is, and which units failed.']),
    );
    return;
  }
  if (open?.id !== batch.id) {
    const { id } = batch;
    const sheet = makeSheet(batch, {
      tell: (what) => void tell(id, what),
      failures: (reason, from) => needed().failures(id, reason, from),
      save: (what, name) => void save(id, what, name),
    });
    open = { id, sheet };
    desk.replaceChildren(sheet.node);
  }
  open.sheet.update(batch);
}

/** Looks how all of them are, and again in a moment. */
async function look() {
  clearTimeout(waiting);
  let waitMs = CALM_MS;
  try {
    const batches = await needed().batches();
    drawDesk(batches.find(({ id }) => id === chosen) ?? batches[0]);
    drawShelf(batches);
    if (batches.some(({ state }) => state === 'running' || state === 'pausing')) waitMs = QUICK_MS;
    if (word.dataset.lost === 'true') tellTrouble('');
    word.dataset.lost = 'false';
  } catch (cause) {
    if (!(cause instanceof DeskError)) throw cause;
    tellTrouble(troubleWord(cause));
    word.dataset.lost = 'true';
  }
  clearTimeout(waiting);
  waiting = setTimeout(() => void look(), waitMs);
}

/**
 * @param {string} id
 * @param {'run' | 'pause'} what
 */
async function tell(id, what) {
  await attempt(async () => void (await needed().tell(id, what)));
  await look();
}

/**
 * @param {string} id
 * @param {string} what
 * @param {string} name
 */
async function save(id, what, name) {
  await attempt(async () => {
    const url = URL.createObjectURL(await needed().file(id, what));
    const link = make('a');
    link.href = url;
    link.download = name;
    link.click();
    // The browser has it by then; a moment more for one that asks where to put it.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
}

/** Takes the file in, then begins. */
async function submit() {
  const given = file;
  if (given === null || isBusy) return;
  isBusy = true;
  drawForm();
  await attempt(async () => {
    const batch = await needed().add(set.value, given);
    chosen = batch.id;
    // Another one may have been chosen meanwhile.
    if (file === given) {
      file = null;
      chooser.value = '';
    }
    await needed().tell(batch.id, 'run');
  });
  isBusy = false;
  drawForm();
  await look();
}

async function loadSets() {
  await attempt(async () => {
    const sets = await needed().sets();
    const before = set.value;
    set.replaceChildren(
      ...sets.map(({ name, units }) => {
        const option = make('option', '', [`${name} · ${countWord(units)} ${units === 1 ? 'unit' : 'units'}`]);
        option.value = name;
        option.selected = name === before;
        return option;
      }),
    );
    hasSets = sets.length > 0;
    set.disabled = !hasSets;
    if (!hasSets) set.append(make('option', '', ['There is no set yet: farebox keys add set NAME']));
    drawForm();
  });
}

function needed() {
  if (client === null) throw new DeskError('request/unauthorised', '');
  return client;
}

/** @param {FileList | undefined | null} files */
function take(files) {
  file = files?.[0] ?? null;
  drawForm();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
chooser.addEventListener('change', () => take(chooser.files));
for (const kind of /** @type {const} */ (['dragover', 'dragleave', 'drop'])) {
  // Beside the field, too: a file that is dropped there must not replace the page.
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') take(event.dataTransfer?.files);
  });
}
window.addEventListener('focus', () => {
  if (!hasSets) void loadSets();
});
drawForm();
drawDesk(undefined);
await Promise.all([look(), client === null ? undefined : loadSets()]);
