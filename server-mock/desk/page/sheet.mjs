// @ts-check
// One batch as a paper: how far it is, what it can be told, and, below the perforation, what came of it. Drawn once for a batch and then
// written into, so that nothing jumps while it runs.

import { make, makeButton, say } from './dom.mjs';
import { makeFailures } from './failure-table.mjs';
import { countWord, momentWord, STATE_WORDS, spanWord, troubleWord } from './words.mjs';

/** @typedef {import('../desk-app.ts').BatchView} BatchView */

/**
 * The paper of one batch.
 * @param {BatchView} first
 * @param {{
 *   tell(what: 'run' | 'pause'): void,
 *   failures(reason: string | null, from: number): Promise<import('../failures.ts').FailurePage>,
 *   save(what: string, name: string): void,
 * }} does
 */
export function makeSheet(first, does) {
  const state = make('p', 'state');
  const answered = make('span', 'answered');
  const bar = make('div', 'bar-of');
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-label', 'Commands answered');
  bar.setAttribute('aria-valuemax', String(first.commands));
  const failed = make('dd');
  const rate = make('dd');
  const left = make('dd');
  const speed = [line('Units a second', rate), line('Time left', left)];
  const lines = make('dl', 'lines', [line('Failed', failed), ...speed]);
  const trouble = make('p', 'trouble');
  trouble.setAttribute('role', 'alert');
  const button = makeButton('paper', '', () => {
    // Until it is known what came of it.
    button.disabled = true;
    does.tell(button.dataset.what === 'pause' ? 'pause' : 'run');
  });
  const answers = makeButton('paper', 'Save the answers', () => does.save('answers', `${nameOf(first)}.out`));
  const report = make('p', 'report');
  const failures = makeFailures({
    load: (reason, from) => does.failures(reason, from),
    save: (format, reason) => {
      const ending = format === 'commands' ? 'again.jsonl' : `failed.${format}`;
      const query = reason === null ? '' : `?${new URLSearchParams({ reason })}`;
      does.save(`failures/${format}${query}`, `${nameOf(first)}.${ending}`);
    },
  });
  const title = make('h2', 'title', [first.file]);
  const about = make('p', 'quiet', [`Set ${first.set} · given ${momentWord(first.createdTime)}`]);
  const stub = make('div', 'stub', [report, failures.node]);
  const node = make('article', 'sheet', [
    make('div', 'paper-of', [
      make('header', 'sheet-head', [make('div', '', [title, about]), state]),
      make('p', 'figures', [answered, ` of ${countWord(first.commands)} answered`]),
      bar,
      lines,
      trouble,
      make('div', 'actions', [button, answers]),
      make('hr', 'perforation'),
      stub,
    ]),
  ]);
  node.setAttribute('aria-label', `Batch ${first.file}`);
  /** Failures that are listed already. */
  let listed = -1;

  /** @param {BatchView} view */
  function update(view) {
    const isRunning = view.state === 'running' || view.state === 'pausing';
    node.dataset.state = view.state;
    say(state, STATE_WORDS[view.state]);
    say(answered, countWord(view.answered));
    bar.setAttribute('aria-valuenow', String(view.answered));
    bar.style.setProperty('--done', String(view.answered / view.commands));
    say(failed, countWord(view.failed));
    failed.classList.toggle('bad', view.failed > 0);
    for (const each of speed) each.hidden = !isRunning;
    say(rate, view.perSecond === null ? '–' : countWord(Math.round(view.perSecond)));
    say(left, view.perSecond ? spanWord((view.commands - view.answered) / view.perSecond) : '–');
    say(trouble, view.trouble === null ? '' : troubleWord(view.trouble));
    trouble.hidden = view.trouble === null;
    button.dataset.what = isRunning ? 'pause' : 'run';
    button.className = `button ${isRunning ? 'paper' : 'filled'}`;
    button.hidden = view.state === 'finished';
    button.disabled = view.state === 'pausing';
    say(button, isRunning ? 'Pause' : view.answered === 0 ? 'Begin' : `Go on from ${countWord(view.answered + 1)}`);
    answers.disabled = view.answered === 0;
    answers.className = `button ${view.state === 'finished' ? 'filled' : 'paper'}`;
    say(report, reportWord(view));
    report.classList.toggle('well', view.state === 'finished' && view.failed === 0);
    failures.node.hidden = isRunning || view.failed === 0;
    if (!failures.node.hidden && listed !== view.failed) {
      listed = view.failed;
      void failures.show();
    }
  }

  update(first);
  return { node, update };
}

/** @param {BatchView} view */
function reportWord({ state, answered, failed, commands }) {
  if (state === 'running' || state === 'pausing') return 'The report comes when it ends or is paused.';
  const given = `${countWord(answered - failed)} of ${countWord(commands)} commands were answered with a key.`;
  if (state === 'finished') return failed === 0 ? `${given} None failed.` : `${given} ${countWord(failed)} failed.`;
  return answered === 0
    ? 'Nothing is answered yet.'
    : `${given} What is answered is kept; the rest comes when you go on.`;
}

/**
 * @param {string} name
 * @param {HTMLElement} value
 */
function line(name, value) {
  return make('div', '', [make('dt', '', [name]), value]);
}

/** What its files are called: letters, digits, dots and hyphens of its own name. @param {BatchView} view */
function nameOf({ file, set }) {
  return `${set}-${file.replace(/[^\w.-]+/g, '-')}`;
}
