// The stage: the one element that holds the module's frame, always mounted, because moving an iframe reloads it. It is laid over
// the place that the programme page reserves, hidden elsewhere, and goes full screen as a whole. The host draws only above the frame.

import {
  type MouseEvent,
  type RefObject,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { isActive } from '../../player/machine.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { lazyPart } from '../ui/lazy-part.ts';
import styles from './stage.module.css';
import { StageCurtain } from './stage-curtain.tsx';
import { useFading } from './use-fading.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useSettled } from './use-settled.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useTaps } from './use-taps.ts';

// In chunks of their own: the first picture waits for none of them.
const Controls = lazyPart(async () => (await import('./controls.tsx')).Controls);
const ResumeOffer = lazyPart(async () => (await import('./resume-offer.tsx')).ResumeOffer);
const ShortcutSheet = lazyPart(async () => (await import('./shortcut-sheet.tsx')).ShortcutSheet);

/**
 * `moduleFrame` holds the module's iframe and is taken in once; `area` is the reserved place, null when no programme is shown. While the
 * module is `asking`, the frame fills the window and nothing at all is drawn above it.
 */
export function Stage({
  moduleFrame,
  area,
  asking,
}: {
  readonly moduleFrame: HTMLElement;
  readonly area: HTMLElement | null;
  readonly asking: boolean;
}) {
  const { player } = useTerminal();
  const state = useStore(player.state);
  const stage = useRef<HTMLElement>(null);
  const frameHost = useRef<HTMLDivElement>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const [keysShown, setKeysShown] = useState(false);
  const [full, toggleFullScreen] = useFullScreen(stage);
  const [visible, wake] = useFading(state.phase === 'playing' && !menuOpen);
  const active = isActive(state.phase);
  const away = area === null && !asking;
  const settled = useSettled(state, state.programmeId);
  const showControls = active && settled && state.measures !== null && !asking;

  useLayoutEffect(() => frameHost.current?.append(moduleFrame), [moduleFrame]);
  useLaidOver(stage, area);
  const wishes = useMemo(
    () => ({ toggleFullScreen, showKeys: () => setKeysShown(true), wake }),
    [toggleFullScreen, wake],
  );
  // Here and not in the controls, which come after the picture: who presses a key before that means it.
  useShortcuts(player, active && area !== null && !asking, wishes);
  useFocusInFrame(moduleFrame, asking);
  const skip = (byMs: number): void => player.seek(player.state.getSnapshot().positionMs + byMs);
  const { onTap, wasTap } = useTaps({ visible, wake, skip });

  const toggle = useCallback(() => {
    if (player.state.getSnapshot().wantsPlay) player.pause();
    else player.play();
  }, [player]);
  const press = (event: MouseEvent<HTMLElement>): void => {
    if (!onTap(event)) toggle();
  };

  return (
    <section
      ref={stage}
      className={`${styles.stage} ${asking ? styles.asking : away ? styles.away : ''}`}
      data-quiet={visible || asking ? undefined : ''}
      aria-label={asking ? 'Question of the secure module' : 'Picture'}
      aria-hidden={away}
      inert={away}
      onPointerMove={(event) => event.pointerType !== 'touch' && wake()}
      onFocus={(event) => event.target.matches(':focus-visible') && wake()}
    >
      <div ref={frameHost} className={styles.frame} />
      {/* The whole picture as a button, for pointers; keys and screen readers have the one in the controls. */}
      {asking ? null : (
        <>
          <button
            type="button"
            className={`${styles.glass} ${document.pictureInPictureEnabled ? styles.cornered : ''}`}
            tabIndex={-1}
            aria-hidden="true"
            disabled={!active}
            onClick={press}
            onDoubleClick={() => wasTap() || toggleFullScreen()}
          />
          <StageCurtain state={state} />
        </>
      )}
      <Suspense fallback={null}>
        {showControls && state.programmeId !== null ? (
          <ResumeOffer key={state.programmeId} state={state} programmeId={state.programmeId} />
        ) : null}
        {showControls && state.measures !== null ? (
          <Controls
            state={state}
            measures={state.measures}
            full={full}
            stage={stage}
            visible={visible && !away}
            wishes={wishes}
            onMenuOpen={setMenuOpen}
          />
        ) : null}
        {keysShown && !asking && !away ? <ShortcutSheet onClose={() => setKeysShown(false)} /> : null}
      </Suspense>
    </section>
  );
}

/** Puts focus into the module's frame while it asks, and afterwards back where it was. */
function useFocusInFrame(moduleFrame: HTMLElement, asking: boolean): void {
  useLayoutEffect(() => {
    if (!asking) return;
    const before = document.activeElement;
    moduleFrame.querySelector('iframe')?.focus();
    return () => {
      // The page lies still until this has been drawn; what has left the document cannot take focus back.
      const back = before instanceof HTMLElement && before.isConnected ? before : document.querySelector('h1');
      requestAnimationFrame(() => back?.focus({ preventScroll: true }));
    };
  }, [moduleFrame, asking]);
}

/** Keeps the stage exactly over the reserved place. It scrolls with the page, so only sizes have to be watched. */
function useLaidOver(stage: RefObject<HTMLElement | null>, area: HTMLElement | null): void {
  useEffect(() => {
    if (area === null) return;
    const follow = (): void => {
      const element = stage.current;
      const ground = element?.offsetParent;
      if (!element || !ground) return;
      const place = area.getBoundingClientRect();
      const from = ground.getBoundingClientRect();
      element.style.setProperty('--top', `${place.top - from.top}px`);
      element.style.setProperty('--left', `${place.left - from.left}px`);
      element.style.setProperty('--width', `${place.width}px`);
      element.style.setProperty('--height', `${place.height}px`);
    };
    follow();
    const observer = new ResizeObserver(follow);
    observer.observe(area);
    // What stands above the place may grow without the page growing.
    for (const part of stage.current?.offsetParent?.children ?? []) {
      if (part !== stage.current) observer.observe(part);
    }
    return () => observer.disconnect();
  }, [stage, area]);
}
