// Every bound of the protocol, each with its reason. Decoders read them; nothing in src/protocol writes a bound elsewhere.

/** Bounds that both ends keep. Sizes in bytes, counts in things, times in milliseconds. */
export const LIMITS = Object.freeze({
  /** Levels of arrays and maps in one object. The deepest of ours has 5; 16 leaves room and keeps recursion harmless. */
  cborDepth: 16,
  /** One CBOR object. The largest of ours is the manifest, about 50 bytes for each part of each frame. */
  cborSizeBytes: 4 * 1024 * 1024,
  /** Data items in one object, map keys included: bounds memory, since an item costs far more as an object than as a byte. */
  cborItems: 65_536,

  /** A title on a screen: two lines in any script. UTF-16 units. */
  titleLength: 200,
  /** A label of a part, `video/720p/a`. ASCII characters. */
  labelLength: 64,
  /** A codec string of RFC 6381. ASCII characters. */
  codecLength: 64,
  /** A file name in a manifest's list of playlists. */
  fileNameLength: 128,
  /** Playlists of one programme: one for each part and the one above them. */
  playlists: 33,
  /** Parts of one programme: rungs, variants, sound tracks, captions. */
  parts: 32,
  /** The clear header (CMAF) of one part; usual ones have about 1 kB. */
  initSizeBytes: 64 * 1024,
  /** Data items of a manifest: 24 parts of the longest programme that is published, three for a segment; its bytes bound it first. */
  manifestItems: 400_000,
  /** Length of a programme: as many frames as there can be, each as long as it can be. */
  programmeMs: 65_536 * 60_000,
  /** A language tag: what RFC 5646 §4.4.1 asks an implementation to hold. */
  languageLength: 35,
  /** Name of a track in a menu: one line. UTF-16 units. */
  trackNameLength: 64,
  /** Chapters of one programme: one a minute over four hours, and some room. */
  chapters: 256,
  /** Width or height of one preview in pixels: twice what a bubble over a slider shows. */
  previewSide: 512,
  /** Previews beside or above each other on a sheet. */
  previewGrid: 16,
  /** Width or height of a sheet in pixels: decoded it takes 16 MiB at most. */
  previewSheetSide: 2_048,
  /** One sealed sheet; usual ones have 100 kB. */
  previewSheetSizeBytes: 2 * 1024 * 1024,
  /** Sheets of one programme: a preview a second for a day on sheets of 256. */
  previewSheets: 512,
  /** Time between two previews: closer than this nobody can aim. */
  previewIntervalMinMs: 500,
  /** Farther than this they show nothing of a programme. */
  previewIntervalMaxMs: 600_000,
  /** The opened captions of one slot: two seconds of text, with room for scripts of three bytes a letter. */
  captionsSizeBytes: 64 * 1024,
  /** Data items of them: every cue with all its lines in a few styles. */
  captionsItems: 4_096,
  /** Cues that one slot of captions has. */
  captionsCues: 64,
  /** Lines of one cue; people read two. */
  cueLines: 8,
  /** Runs of text in one line of a cue. */
  cueRuns: 32,
  /** Text of one cue. UTF-16 units. */
  cueLength: 1_000,

  /** Frames of a live programme: a day and a half of two seconds each, and as many as any programme has. */
  liveFrames: 65_536,
  /** Frames that one live update adds: usually one; more where a cut publisher goes on and marks the gap. With 32 parts they stay within `cborItems`. */
  liveUpdateFrames: 1_024,
  /** One live update: usual ones have a kilobyte; one of `liveUpdateFrames` with a few parts 150 kB. Two of them fit where a proof is kept. */
  liveUpdateSizeBytes: 512 * 1024,
  /** Live updates that a reader keeps as they came, to show beside one that contradicts: with a frame each, the last eight minutes. */
  liveUpdatesKept: 256,
  /** Live updates that a module is given at once. */
  liveUpdatesAtOnce: 64,
  /** Term of a programme that is kept: long enough to be worth a download, and no promise beyond a year. Whole seconds, ms. */
  offlineMinMs: 3_600_000,
  offlineMaxMs: 366 * 86_400_000,
  /** Strokes of one board: one every five seconds for a day. As points in memory they take some tens of megabytes at the very worst. */
  boardStrokes: 16_384,
  /** Points of one stroke: two seconds of a pen that is asked 240 times a second, and some room. */
  strokePoints: 512,
  /** One opened stroke: its points at up to nine bytes each. */
  strokeSizeBytes: 8 * 1024,
  /** Width of a stroke in thousandths of the board's height: a quarter of it wipes a board in a few strokes. */
  strokeWidth: 250,

  /** The latest moment that a date can hold, ms since 1970. */
  latestTimeMs: 8_640_000_000_000_000,

  /** One sealed part of one frame: 4 s at 64 Mbit/s; two of them fit the memory of a phone's tab. */
  sealedPartSizeBytes: 32 * 1024 * 1024,

  /** Bits a second of one part, 1 Gbit/s: beyond any stream, and a sum of 32 stays exact. */
  bitrate: 1_000_000_000,
  /** Width or height of a picture: 8K, and what decoders take at most. */
  pictureSide: 8_192,
  /** Thousandths of a picture a second: 240 pictures, twice what screens show. */
  pictureRateMilli: 240_000,
  /** Sound channels: 7.1.4 and some room. */
  audioChannels: 16,
  /** Samples a second of sound. */
  sampleRate: 192_000,

  /** Frame numbers are leaves of a tree of this height. */
  sequenceLevels: 32,
  /** One past the last possible frame number, 2^32. */
  frameNumbers: 2 ** 32,
  /** Leaves in a grant of the `hkdf` function: with four items each, they and their frame stay within `cborItems`. */
  hkdfFrames: 16_000,
  /** Ranges in one grant or receipt: someone who jumps about all evening stays far below. */
  ranges: 4_096,

  /** Length of a frame in time. Below, overhead wins; above, a seek takes too long. */
  frameDurationMinMs: 100,
  /** See `frameDurationMinMs`. */
  frameDurationMaxMs: 60_000,
  /** Money in one object: 10^15 ten-thousandths, exact in every number type that a database or a screen may use. */
  amountMinor: 10n ** 15n,

  /** How long a challenge can be answered: a slow phone on a slow network, and no longer. */
  challengeLifetimeMs: 60_000,
  /** How far a clock of another party may be ahead of ours. */
  clockToleranceMs: 5 * 60_000,
  /** Ids on the agency's untrusted list: stays within `cborItems`. */
  untrustedIds: 60_000,
  /** A receipt file: five signed objects, of which the largest hold ranges and keys. */
  receiptFileSizeBytes: 2 * 1024 * 1024,

  /** Epochs of one module: one a second for a lifetime, and still a small integer everywhere. */
  epochs: 2 ** 32 - 1,
  /** Sessions in one standing: with five items each they stay within `cborItems`. */
  standingSessions: 10_000,
  /** Sessions whose papers are asked for at once: their receipt files fit one answer. */
  papers: 50,
  /** A backup file: `snapshotThings` sessions with their papers, about 3 kB each. */
  backupSizeBytes: 64 * 1024 * 1024,
  /** Smallest padded snapshot, so that a new module's backup looks like a small one's. */
  backupPaddedSizeBytes: 16 * 1024,
  /** Passkeys beside the words of one backup: one is made, and nobody has more authenticators than this. */
  backupPasskeys: 8,
  /** Longest credential id that WebAuthn allows. Bytes. */
  credentialIdBytes: 1_023,
  /** Sessions, and receipts, in one snapshot: twenty a day for almost three years. */
  snapshotThings: 20_000,
  /** Data items of a snapshot: 19 for a session, 11 for a receipt, and the frame around them. */
  snapshotItems: 700_000,

  /** Slots a minute in a contract: a frame of 100 ms, the shortest, comes 600 times. */
  slotsPerMinute: 600,
  /** Longest stall that a contract may allow: beyond a minute a person has left. */
  stallMs: 60_000,
  /** Longest stall that a receipt may state: a day. */
  stalledMs: 86_400_000,
  /** Share of a frame's price that is paid back for it: ten times the price, so that a short stall is felt. */
  refundThousandths: 10_000,
  /** Ranges of late, of lost and of low frames, and stalls, in one receipt: all of them with its own frames stay within `cborItems`. */
  deliveryRanges: 2_048,
  /** Lines of a claim: with four items each, far within `cborItems`. */
  claimLines: 2_048,
  /** Lines of an answer, which may split those of the claim: with its record of delivery within `cborItems`. */
  answerLines: 4_096,

  /** Name of an application key: one word for people and scripts. ASCII characters. */
  keyReferenceLength: 32,
  /** Versions of one application key: one an hour for seven years. */
  keyVersions: 65_535,
  /** Series numbers of one set: a new one each day for eleven years; all are derived in a tenth of a second. */
  seriesNumbers: 4_096,
  /** Series sets in one agreement, so applications that PINs choose among: each costs an attempt at a sign-in. */
  seriesSets: 8,
  /** Agreements of one module: one a second for a lifetime. */
  agreements: 2 ** 32 - 1,
  /** How far the module's count may be ahead of the provider's under the rule `counter`: answers that were lost on the way, one after another. */
  countsAhead: 16,
  /** Digits of a PIN: what ISO 9564-1 allows. */
  pinMinDigits: 4,
  /** See `pinMinDigits`. */
  pinMaxDigits: 12,
  /** A sign-in message, or a PIN's: eight tags of 60 bytes, a ticket and a place of some 120 each. Bytes. */
  signInSizeBytes: 2_048,
  /** One confidential number: card number, expiry, verification value and PIN, with room for a name. Bytes. */
  confidentialSizeBytes: 1_024,

  /** Frames from the first to the last of a `logistic` grant: getting from one end to the other takes a second or two. */
  logisticFrames: 4_096,
} as const);
