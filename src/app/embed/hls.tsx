// The entry of /embed/hls.html.

import { attachHls } from './attach-hls.ts';
import { startEmbed } from './start.tsx';
import { HLS_WAY } from './ways.ts';

startEmbed(HLS_WAY, attachHls);
