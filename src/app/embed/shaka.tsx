// The entry of /embed/shaka.html.

import { attachShaka } from './attach-shaka.ts';
import { startEmbed } from './start.tsx';
import { SHAKA_WAY } from './ways.ts';

startEmbed(SHAKA_WAY, attachShaka);
