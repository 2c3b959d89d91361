// @ts-check
// The units of a batch that failed: reasons to choose from with how many each has, the units as a table, and all of them as files.

import { make, makeButton, say } from './dom.mjs';
import { countWord } from './words.mjs';

/** @typedef {import('../failures.ts').FailurePage} FailurePage */
/** @typedef {import('../../key-unit/batch-answers.ts').FailedCommand} FailedCommand */

const TITLES = ['Line', 'Unit', 'Key', 'Why'];

/**
 * The part of a sheet. `load` gets a page of failures, `save` a file of them.
 * @param {{
 *   load(reason: string | null, from: number): Promise<FailurePage>,
 *   save(format: 'csv' | 'json' | 'commands', reason: string | null): void,
 * }} does
 */
export function makeFailures({ load, save }) {
  /** @type {string | null} */
  let reason = null;
  let shown = 0;
  let turn = 0;
  const reasons = make('fieldset', 'reasons');
  const rows = make('tbody');
  const head = make(
    'tr',
    '',
    TITLES.map((title) => make('th', '', [title])),
  );
  for (const cell of head.children) cell.setAttribute('scope', 'col');
  const table = make('table', 'failures', [
    make('caption', 'hidden', ['Units that failed']),
    make('thead', '', [head]),
    rows,
  ]);
  const more = makeButton('paper', 'Show more', () => void show(false));
  const files = make('div', 'actions', [
    makeButton('paper', 'Save as CSV', () => save('csv', reason)),
    makeButton('paper', 'Save as JSON', () => save('json', reason)),
    makeButton('paper', 'Save their commands', () => save('commands', reason)),
  ]);
  const note = make('p', 'quiet', ['Their commands are a file for another batch, when what was wrong is right.']);
  const node = make('section', 'failed', [
    make('h3', 'heading', ['What failed, and why']),
    reasons,
    table,
    more,
    files,
    note,
  ]);

  /** @param {boolean} anew */
  async function show(anew) {
    turn += 1;
    const mine = turn;
    node.setAttribute('aria-busy', 'true');
    const page = await load(reason, anew ? 0 : shown).catch(() => null);
    // Another choice was made while this one was on its way; or the desk is gone, which is said elsewhere.
    if (mine !== turn || page === null) return;
    node.setAttribute('aria-busy', 'false');
    if (anew) {
      rows.replaceChildren();
      shown = 0;
      drawReasons(page);
    }
    const whyOf = new Map(page.reasons.map(({ error, why }) => [error, why]));
    rows.append(...page.failures.map((failure) => rowOf(failure, whyOf.get(failure.error) ?? '')));
    shown += page.failures.length;
    more.hidden = shown >= page.total;
    say(more, `Show more of ${countWord(page.total)}`);
  }

  /** @param {FailurePage} page */
  function drawReasons(page) {
    const all = page.reasons.reduce((sum, { count }) => sum + count, 0);
    const listed = [
      { error: null, count: all, word: 'All' },
      ...page.reasons.map((each) => ({ ...each, word: each.why })),
    ];
    const chosen = document.activeElement instanceof HTMLInputElement && reasons.contains(document.activeElement);
    reasons.replaceChildren(make('legend', 'hidden', ['Show units by reason']));
    for (const { error, count, word } of listed) {
      const choice = make('input');
      choice.type = 'radio';
      choice.name = 'reason';
      choice.checked = error === reason;
      choice.addEventListener('change', () => {
        reason = error;
        void show(true);
      });
      reasons.append(make('label', 'reason', [choice, make('span', '', [word]), make('b', '', [countWord(count)])]));
      if (choice.checked && chosen) choice.focus();
    }
  }

  return { node, show: () => show(true) };
}

/**
 * @param {FailedCommand} failure
 * @param {string} why
 */
function rowOf({ line, unit, reference, error }, why) {
  const code = make('span', 'code', [error]);
  const cells = [
    make('td', 'number', [countWord(line)]),
    make('td', 'unit', [unit === '' ? '–' : unit]),
    make('td', 'unit', [reference === '' ? '–' : reference]),
    make('td', 'why', [make('span', '', [`${why} `, code])]),
  ];
  for (const [at, cell] of cells.entries()) cell.dataset.title = TITLES[at] ?? '';
  return make('tr', '', cells);
}
