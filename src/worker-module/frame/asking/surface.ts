// The module's own surface: a modal dialog of paper over the picture, one for each question, with one filled button, one plain one and
// at most one more. Knows nothing of what is asked; questions/ fill it. A press counts where press-guard.ts says so, a refusal always does.

import { FRAME_LIMITS } from '../frame-limits.ts';
import { element, moduleMark, warningSign } from './elements.ts';
import { type Hindrance, makePressGuard } from './press-guard.ts';
import { watchSurface } from './watch-surface.ts';

/** The guarded buttons of a step. */
export type GuardedButton = 'yes' | 'other';

/** What a step ended with. `no`: the plain button; `away`: Escape; `covered`: it could not be seen. */
export type Outcome = GuardedButton | 'no' | 'away' | 'covered';

/** One step of a question, shown in the place of the one before. */
export type Step = {
  readonly title: string;
  /** True where it cannot be undone: said in words and with a sign. */
  readonly grave?: boolean;
  /** What went wrong before, said above the rest. */
  readonly trouble?: string | null;
  readonly content: readonly Node[];
  readonly yes: string;
  /** A second guarded button. */
  readonly other?: string;
  readonly no: string;
  /** What is still missing before a button can do its work, in words; read again and again. */
  readonly missing?: (button: GuardedButton) => string | null;
  /** Where the keyboard begins; the title where there is none. Never a guarded button. */
  readonly focus?: HTMLElement;
};

/** One surface, from a question to its answer. */
export type Surface = {
  /** Shows a step; resolves when it ends. Only one at a time. */
  ask(step: Step): Promise<Outcome>;
  /** Leaves the step where it is with its guarded buttons at rest and says why; resolves when the person goes away from it. */
  wait(words: string): Promise<'no' | 'away' | 'covered'>;
  /** Takes the surface away. What was asked never resolves then. */
  close(): void;
};

const WORDS: Readonly<Record<Hindrance, string>> = {
  hidden: 'Come back to this window to go on',
  unseen: 'Show this window to go on',
  small: 'Make this window larger to go on',
  outside: 'Bring all of this window into view to go on',
  covered: 'Uncover this window to go on',
  unread: 'Scroll down to read all of it',
  settling: 'One moment',
};

/** Said where nothing stands in the way. */
const AT_REST = 'Your module asks this, not the page around it';

/** Puts an empty surface into the document. */
export function openSurface(): Surface {
  const title = element('h1', { id: 'surface-title', tabindex: '-1' });
  const scroller = element('div', { class: 'reading', id: 'surface-reading' });
  const hint = element('p', { class: 'hint', id: 'surface-hint', role: 'status' });
  const yes = element('button', { type: 'button', class: 'yes', 'aria-describedby': 'surface-hint' });
  const other = element('button', { type: 'button', class: 'other', 'aria-describedby': 'surface-hint' });
  const no = element('button', { type: 'button', class: 'no' });
  const buttons = element('div', { class: 'buttons' }, no, other, yes);
  const dialog = element(
    'dialog',
    { class: 'surface', 'aria-labelledby': 'surface-title', 'aria-describedby': 'surface-reading' },
    element(
      'div',
      { class: 'sheet' },
      element(
        'form',
        { class: 'ticket' },
        element('header', {}, moduleMark(), element('span', {}, 'Farebox module')),
        scroller,
        element('footer', {}, hint, buttons),
      ),
    ),
  );
  const guarded: readonly (readonly [GuardedButton, HTMLButtonElement])[] = [
    ['yes', yes],
    ['other', other],
  ];

  let step: Step | null = null;
  let waiting: string | null = null;
  let finish: ((outcome: Outcome) => void) | null = null;
  const openedAtMs = performance.now();
  const guard = makePressGuard(openedAtMs);

  const end = (outcome: Outcome) => {
    const resolve = finish;
    finish = null;
    resolve?.(outcome);
  };
  const show = () => {
    const nowMs = performance.now();
    if (guard.givenUp(nowMs)) end('covered');
    const hindrance = guard.hindrance(nowMs);
    // The browser takes a moment for its first look; that is no reproach to the person.
    const isFirstLook = hindrance === 'unseen' && nowMs - openedAtMs < FRAME_LIMITS.settleMs;
    const reasons = guarded.map(([name]) => reasonFor(name, isFirstLook ? 'settling' : hindrance));
    for (const [index, [, button]] of guarded.entries())
      setAttribute(button, 'aria-disabled', reasons[index] === null ? 'false' : 'true');
    const words = reasons[0] ?? AT_REST;
    if (hint.textContent !== words) hint.textContent = words;
    setAttribute(dialog, 'data-hindrance', hindrance ?? 'none');
    if (scroller.scrollHeight > scroller.clientHeight + 1) setAttribute(scroller, 'tabindex', '0');
    else scroller.removeAttribute('tabindex');
  };
  /** Why this button does not work, in words, or null. */
  const reasonFor = (name: GuardedButton, hindrance: Hindrance | null): string | null => {
    if (waiting !== null) return waiting;
    return hindrance === null ? (step?.missing?.(name) ?? null) : WORDS[hindrance];
  };
  const watch = watchSurface({ surface: dialog, scroller, guard, onLook: show });

  /** Whether a press on a guarded button does its work now. */
  const press = (name: GuardedButton, event: Event, byPointer: boolean) => {
    watch.look();
    if (!guard.press({ trusted: event.isTrusted, byPointer, button: name }, performance.now())) return;
    if (waiting === null && (step?.missing?.(name) ?? null) === null) end(name);
  };
  const buttonAt = (target: EventTarget | null): GuardedButton | null =>
    guarded.find(([, button]) => target instanceof Node && button.contains(target))?.[0] ?? null;

  window.addEventListener('pointerdown', begin, true);
  window.addEventListener('keydown', beginByKey, true);
  function begin(event: PointerEvent): void {
    watch.look();
    guard.begin({ trusted: event.isTrusted && event.isPrimary, button: buttonAt(event.target) }, performance.now());
  }
  function beginByKey(event: KeyboardEvent): void {
    if (event.key === 'Tab') holdFocus(event, dialog);
    if (event.key !== 'Enter' && event.key !== ' ') return;
    if (event.repeat) {
      event.preventDefault();
      return;
    }
    const inField = event.target instanceof HTMLInputElement;
    if (inField && event.key === ' ') return;
    watch.look();
    guard.begin({ trusted: event.isTrusted, button: inField ? 'yes' : buttonAt(event.target) }, performance.now());
    // Enter in a field stands for the filled button.
    if (inField) {
      event.preventDefault();
      press('yes', event, false);
    }
  }

  for (const [name, button] of guarded)
    button.addEventListener('click', (event) => press(name, event, isByPointer(event)));
  no.addEventListener('click', () => end('no'));
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    end('away');
  });
  // A browser may close a dialog that refused to be cancelled.
  dialog.addEventListener('close', () => end('away'));
  dialog.addEventListener('input', show);
  dialog.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault());

  document.body.append(dialog);
  dialog.showModal();

  return {
    ask(next) {
      step = next;
      waiting = null;
      title.textContent = next.title;
      scroller.replaceChildren(title, ...graveLine(next), ...troubleLine(next), ...next.content);
      scroller.scrollTop = 0;
      yes.textContent = next.yes;
      yes.classList.toggle('grave', next.grave === true);
      other.hidden = next.other === undefined;
      other.textContent = next.other ?? '';
      no.textContent = next.no;
      guard.replaced(performance.now());
      (next.focus ?? title).focus({ preventScroll: true });
      watch.look();
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    wait(words) {
      waiting = words;
      show();
      return new Promise((resolve) => {
        finish = (outcome) => {
          if (outcome !== 'yes' && outcome !== 'other') resolve(outcome);
        };
      });
    },
    close() {
      finish = null;
      watch.end();
      window.removeEventListener('pointerdown', begin, true);
      window.removeEventListener('keydown', beginByKey, true);
      // What was typed or shown does not stay in the document's memory of it.
      for (const field of dialog.querySelectorAll('input')) field.value = '';
      scroller.replaceChildren();
      dialog.remove();
    },
  };
}

/** A click of a key or of a screen reader names no pointer. */
function isByPointer(event: MouseEvent): boolean {
  return event.detail > 0 && !(event instanceof PointerEvent && event.pointerType === '');
}

function graveLine(step: Step): Node[] {
  return step.grave === true ? [element('p', { class: 'note' }, warningSign(), 'This cannot be undone.')] : [];
}

function troubleLine(step: Step): Node[] {
  const words = step.trouble ?? null;
  return words === null ? [] : [element('p', { class: 'note', role: 'alert' }, warningSign(), words)];
}

/** Sets it only where it changes, so that a screen reader is told nothing twice. */
function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Tab goes round inside the surface: beyond its last element there is the terminal's page. */
function holdFocus(event: KeyboardEvent, dialog: HTMLElement): void {
  const stops = [...dialog.querySelectorAll<HTMLElement>('button:not([hidden]), input, [tabindex="0"]')];
  const first = stops[0];
  const last = stops.at(-1);
  if (first === undefined || last === undefined) return;
  const focused = document.activeElement;
  const leaves = event.shiftKey
    ? focused === first || !stops.some((stop) => stop === focused)
    : focused === last || !dialog.contains(focused);
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}
