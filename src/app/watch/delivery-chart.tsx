// The strip chart of delivery while a programme plays: a column for each frame as it came, on time, late or lost, as high as its quality.

import type { DeliveredFrame } from '../../player/tally.ts';
import styles from './delivery-chart.module.css';
import { columnsOf, describeDelivery } from './delivery-columns.ts';

const HEIGHT = 28;
const PITCH = 5;

/** `room`: how many columns there is room for; `rungs`: labels of the video parts, lowest first. */
export function DeliveryChart({
  recent,
  rungs,
  room,
}: {
  readonly recent: readonly DeliveredFrame[];
  readonly rungs: readonly string[];
  readonly room: number;
}) {
  const columns = columnsOf(recent, rungs);
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>Delivery</figcaption>
      <svg
        viewBox={`0 0 ${room * PITCH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describeDelivery(recent)}
      >
        <line x1={0} x2={room * PITCH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={styles.ground} />
        {columns.map(({ key, height, kind }, at) => (
          <rect
            key={key}
            className={styles[kind]}
            x={at * PITCH + 0.5}
            y={HEIGHT - 1 - Math.round(height * (HEIGHT - 2))}
            width={PITCH - 2}
            height={Math.round(height * (HEIGHT - 2))}
          />
        ))}
      </svg>
    </figure>
  );
}
