// Registers the native decoders and encoders of mediabunny, once per process; every file here that opens media imports it.
// Hardware is never used: what a programme looks like must not depend on the machine that published it.

import { registerMediabunnyServer } from '@mediabunny/server';
import { ADTS, FLAC, type InputFormat, MATROSKA, MP3, MP4, OGG, QTFF, WAVE, WEBM } from 'mediabunny';

registerMediabunnyServer({ hardwareContext: null });

/** Containers a person may bring. Playlists are not among them: they would make the publisher read other files and addresses. */
export const SOURCE_FORMATS: readonly InputFormat[] = [MP4, QTFF, WEBM, MATROSKA];

/** Those, and what sound alone comes in. */
export const SOUND_FORMATS: readonly InputFormat[] = [...SOURCE_FORMATS, WAVE, FLAC, MP3, OGG, ADTS];
