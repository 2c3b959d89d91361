// Bounds of the display, each with its reason. Times in milliseconds of the programme unless said otherwise.

export const DISPLAY_LIMITS = Object.freeze({
  /** Decoded pictures that may wait: a third of a second at 30 a second; a 1080p one takes 3 MB. */
  readyPictures: 10,
  /** Coded pictures a decoder may hold unlooked at: enough to keep its threads busy. */
  queuedChunks: 4,
  /** The same of packets of sound, which are small and many: a third of a second at most of them. */
  queuedSound: 16,
  /** The same of pictures before the place of a seek, which nobody waits to draw: a slot of most programmes. */
  skippedChunks: 64,
  /** The largest pictures that are decoded by one thread: 1080p in whole blocks. */
  oneThreadPixels: 1_920 * 1_088,
  /** Frames asked for beyond the one that plays: just in time, so that the count follows what is shown. */
  framesAhead: 2,
  /** A frame is counted this long before it is due, so that the durable write (p95 some 8 ms) never holds a picture. */
  countAheadMs: 100,
  /** A picture may be drawn this early: half a refresh, so that it falls on the nearer one. */
  earlyMs: 8,
  /** A timer for a picture is set this much before it is due: it comes late rather than early. */
  aimMs: 4,
  /** A timer is set for no sooner: the least that browsers give. */
  leastTickMs: 4,
  /** How soon what is waited for is looked for again while play, or the first picture of a place, waits for it: a refresh of most screens. */
  waitTickMs: 16,
  /** How long nothing is looked at where nothing is due: what is paused, and pictures that stand longer than this. */
  mostTickMs: 100,
  /** Shown later than this for want of delivery, a frame is `late`; shorter stalls are hard to see. */
  lateMs: 250,
  /** Coded pictures or packets of sound may lie so far across the borders of their slot: priming, and pictures that are shown out of order. */
  timeSlackMs: 1_000,
  /** Coded pictures or packets of sound in one slot: a minute, the longest slot, at 250 a second. */
  chunksInSlot: 16_384,
  /** Coded pictures are padded to whole blocks: the largest block of any codec. */
  codedBlockPixels: 128,
  /** Decoding this far behind the clock gives up the rest of the slot for the next one's key picture. */
  decodeLagMs: 400,
  /** Samples sent to the worklet ahead of what is heard: two slots; the ring holds more. */
  soundAheadMs: 4_000,
  /** How far before the place of a seek sound is decoded: what a codec needs to find its way in, with room. */
  soundLeadMs: 200,
  /** Decoded samples kept back for frames not counted yet: a slot ahead, and what a boundary adds. */
  soundHeldMs: 5_000,
  /** The longest gap in a sound track that is filled with silence piece by piece; a part may be missing a whole slot. */
  silencePieceMs: 1_000,
  /** How long play waits for the sound device before the performance clock leads. */
  soundGraceMs: 400,
  /** Sound that starves this close to the end of what is counted is a stall like any other. */
  starvedSlackMs: 100,
  /** What the stretch keeps inside at any speed but 1, with room: sound ends so much before what is counted does. */
  stretchTailMs: 250,
  /** How long before a frame is due its chosen sound is still waited for, rather than the one it came with taken. */
  trackWaitMs: 700,
  /** Sheets of previews that are kept open: the one a person looks at and its neighbour; one takes 16 MB at most. */
  sheetsKept: 2,
  /** Strokes of a board that may be missing between two sessions for one to go on from the other: those that could not be opened. */
  lostStrokes: 8,
  /** Time between two `display` events while it plays: four a second. */
  displayEventMs: 250,
  /** What the picture of a seek would wait behind is done at the latest after this. */
  landingMs: 300,
  /** Without a picture refresh for this long (a hidden tab) a timer goes on in its place. */
  refreshMissingMs: 100,
  /** Play is over when this little is left: less than a picture of any usual rate. */
  endSlackMs: 10,
});
