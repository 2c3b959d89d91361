// The entry of /embed/keys.html.

import { attachHls } from './attach-hls.ts';
import { startEmbed } from './start.tsx';
import { KEYS_WAY } from './ways.ts';

startEmbed(KEYS_WAY, attachHls);
