// Playlists and addresses: what another player reads, and that nothing of a manifest can put a line or an address of its own into them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../protocol/testing/runs.ts';
import { formatAddress, type OutputAddress, parseAddress } from './addresses.ts';
import { masterPlaylist, mediaPlaylist } from './playlists.ts';
import { CAPTIONS, FRAMES, HIGH, LOW, MANIFEST, PROGRAMME, SOUND } from './testing/output-world.ts';

describe('BT-5: addresses', () => {
  const addresses: readonly OutputAddress[] = [
    { programme: PROGRAMME, kind: 'master' },
    { programme: PROGRAMME, kind: 'playlist', label: HIGH },
    { programme: PROGRAMME, kind: 'init', label: SOUND },
    { programme: PROGRAMME, kind: 'segment', label: LOW, frame: 0 },
    { programme: PROGRAMME, kind: 'segment', label: LOW, frame: 1234 },
    { programme: PROGRAMME, kind: 'cues', label: CAPTIONS, frame: 7 },
  ];
  test.each(addresses)('%o is read as it was written', (address) => {
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  test.each([
    `farebox://${PROGRAMME}/`,
    `farebox://${PROGRAMME}/init.mp4`,
    `farebox://${PROGRAMME}/other.m3u8`,
    `farebox://${PROGRAMME}/video/180p/01.m4s`,
    `farebox://${PROGRAMME}/video/180p/-1.m4s`,
    `farebox://${PROGRAMME}/video/180p/1.m4s?x`,
    `farebox://${PROGRAMME}/../video/180p/1.m4s`,
    `farebox://${PROGRAMME.toUpperCase()}x/master.m3u8`,
    `https://${PROGRAMME}/master.m3u8`,
    '/content/00',
    'javascript:alert(1)',
  ])('%s is none', (text) => expect(parseAddress(text)).toBeNull());

  test('whatever is read is written the same again', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const address = parseAddress(`farebox://${PROGRAMME}/${text}`);
        return address === null || formatAddress(address) === `farebox://${PROGRAMME}/${text}`;
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('BT-5: playlists', () => {
  test('the one above all names every rung and the sound, each by an address of this page', () => {
    const lines = masterPlaylist(MANIFEST).trim().split('\n');
    expect(lines.slice(0, 3)).toEqual(['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-INDEPENDENT-SEGMENTS']);
    expect(lines[3]).toBe(
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Stereo audio/main",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="farebox://${PROGRAMME}/audio/main/playlist.m3u8"`,
    );
    expect(lines[4]).toBe(
      `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="For all captions/en",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound",URI="farebox://${PROGRAMME}/captions/en/playlist.m3u8"`,
    );
    expect(lines[5]).toMatch(
      /CODECS="avc1\.64001f,mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=30\.000,AUDIO="sound",SUBTITLES="captions"$/,
    );
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual(
      [LOW, HIGH].map((label) => formatAddress({ programme: PROGRAMME, kind: 'playlist', label })),
    );
  });

  test('that of a part names its header and every frame, the last as long as it is', () => {
    const lines = mediaPlaylist(MANIFEST, SOUND)?.trim().split('\n') ?? [];
    expect(lines).toContain(`#EXT-X-MAP:URI="farebox://${PROGRAMME}/audio/main/init.mp4"`);
    expect(lines.filter((line) => line.startsWith('#EXTINF'))).toEqual([
      ...Array.from({ length: FRAMES - 1 }, () => '#EXTINF:2.000,'),
      '#EXTINF:1.500,',
    ]);
    expect(lines.at(-2)).toBe(`farebox://${PROGRAMME}/audio/main/${FRAMES - 1}.m4s`);
    expect(lines.at(-1)).toBe('#EXT-X-ENDLIST');
  });

  test('a slot in which a part has nothing is a gap', () => {
    const parts = MANIFEST.parts.map((part) => ({ ...part, segments: part.segments.with(1, null) }));
    expect(mediaPlaylist({ ...MANIFEST, parts }, LOW)?.match(/#EXT-X-GAP\n#EXTINF:2\.000,\n.*\/1\.m4s/)).not.toBeNull();
  });

  test('BT-10: a sound that has nothing in what a live programme lists is not named, and of one that has, nothing changes', () => {
    const parts = MANIFEST.parts.map((part) =>
      part.kind === 'audio' ? { ...part, segments: part.segments.with(1, null).with(2, null) } : part,
    );
    const silent = masterPlaylist({ ...MANIFEST, parts }, { first: 1, edge: 3, ended: false });
    expect(silent).not.toMatch(/AUDIO|mp4a/);
    expect(silent).toContain(`${formatAddress({ programme: PROGRAMME, kind: 'playlist', label: LOW })}\n`);
    const heard = masterPlaylist({ ...MANIFEST, parts }, { first: 1, edge: 4, ended: false });
    expect(heard).toBe(masterPlaylist({ ...MANIFEST, parts }));
    expect(heard).toContain('mp4a');
  });

  test('that of captions names a file for every frame, also for one in which nothing is said, and no header', () => {
    const playlist = mediaPlaylist(MANIFEST, CAPTIONS) ?? '';
    expect(playlist).not.toMatch(/EXT-X-MAP|EXT-X-GAP/);
    expect(playlist.match(/^farebox:.*\/\d+\.vtt$/gm)).toHaveLength(FRAMES);
  });

  test('there is none of a part that is not there', () => {
    expect(mediaPlaylist(MANIFEST, 'video/9p')).toBeNull();
  });

  test('a name or a codec of the publisher’s adds no line, no attribute and no address', () => {
    const hostile = 'x",URI="https://evil.example/a"\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nhttps://evil.example/b\u2028';
    const parts = MANIFEST.parts.map((part) =>
      part.kind === 'video' ? { ...part, codec: hostile } : { ...part, name: hostile, codec: hostile },
    );
    const playlist = masterPlaylist({ ...MANIFEST, parts });
    expect(playlist.split(/[\n\r\u2028]/)).toHaveLength(masterPlaylist(MANIFEST).split('\n').length);
    const addresses = [...playlist.matchAll(/URI="([^"]*)"|^([^#].*)$/gm)].map(
      ([, quoted, line]) => quoted ?? line ?? '',
    );
    expect(addresses.map(parseAddress)).not.toContain(null);
  });
});
