// Every bound of the provider, with its reason. Bounds of the protocol itself are in src/protocol/limits.ts.

/** Frozen table; a change here is a change of what the provider promises. */
export const SERVER_LIMITS = Object.freeze({
  /** A receipt file of the largest size the protocol allows (2 MiB), as base64url in JSON. */
  receiptBodyBytes: 3_145_728,
  /** Enrolment requests, challenge responses and certificates are some hundred bytes each. */
  smallBodyBytes: 16_384,
  /** A programme of 12 hours in 3 rungs and sound has some 86 400 files at 90 bytes of JSON each. */
  adminBodyBytes: 33_554_432,
  /** Files of one programme, so that one request cannot hold the database for minutes. */
  filesPerProgramme: 131_072,
  /** Clear files of one programme, which others may share: header and playlist of each of 32 parts, manifest, poster. */
  sharedFilesPerProgramme: 128,
  /** A handler that needs longer has met a stuck database; the caller retries with the same idempotency key. */
  requestTimeoutMs: 15_000,
  /** Time to send request headers: cuts slow-header attacks, generous for a phone on a bad line. */
  headersTimeoutMs: 10_000,
  /** Idle keep-alive: longer than the two seconds between frames. */
  keepAliveTimeoutMs: 30_000,
  /** A connection on which no byte moves either way: longer than any pause of an honest one, so that a client that asks for files and never takes them holds its places no longer. */
  stalledSocketMs: 60_000,
  /** Requests under way in the whole process; beyond it 503, so that memory stays flat under overload. */
  inFlightTotal: 512,
  /** Content requests under way: the rest is kept for receipts and sessions, which a flood of frames must not starve. */
  inFlightContent: 384,
  /** Clients remembered by the in-memory rate windows of one process; the oldest is forgotten first. */
  rateClients: 10_000,
  /** What one caller may remember of answers: printable ASCII key, docs/protocol.md §11. */
  idempotencyKeyLength: 128,
  /** One sealed backup: some five thousand sessions with their papers. The protocol allows more in a file of one's own; here each one under way is in memory three times over, as text, as its hash is taken, and as bytes. */
  backupSizeBytes: 16 * 1024 * 1024,
  /** A backup of that size as base64url in JSON, beside a response and a certificate. */
  backupBodyBytes: Math.ceil((16 * 1024 * 1024 * 4) / 3) + 16_384,
  /** Such a backup at 1.5 Mbit/s, a phone's way up. */
  backupTimeoutMs: 120_000,
  /** Backups on their way in or out at once: some 300 MiB. */
  inFlightBackups: 4,
  /** Locators of one module: each new set of recovery words is another one, each passkey one for good. The copy changed longest ago goes first. */
  backupsPerModule: 4,
  /** How far ahead of the present one a new epoch may be: an honest one is the next, or a few later where this database was put back. Without a bound, a thief of the keys could use all epochs up at once. */
  epochLeap: 64,
  /** Alarms of one kind in one epoch that are kept beside the first: the first says since when, the newest that it goes on. */
  newestAlarms: 4,
  /** Alarms of one module over all kinds and epochs: eight epochs with every kind full. Those of the lowest epochs go first. */
  alarmsPerModule: 120,
  /** Modules, and past epochs of one, that one answer of the admin interface lists. */
  listedModules: 1_000,
  /** See `listedModules`. */
  listedEpochs: 100,
  /** Answers that only tell something (standings, papers) are kept for repeats of the request, whose challenge lives a minute; they may be megabytes. */
  toldAnswerKeptMs: 3_600_000,
  /** Spent and expired challenges are kept a day, so that a late replay is still named as one. */
  challengeKeptMs: 86_400_000,
  /** Often enough that a flood is gone within a day, rarely enough to cost nothing. */
  cleaningIntervalMs: 600_000,
  /** Rows deleted by one round of cleaning, so that no request pays for another's flood. */
  cleaningRows: 500,
  /** Rows of the record of delivery written at once: what some thirty viewers ask for in a second. */
  deliveryBatch: 200,
  /** Rows that wait to be written; beyond it the database is stuck, and memory stays flat. */
  deliveriesWaiting: 10_000,
  /** Requests of one session that are kept: three files for each of two hours' frames, each asked for three times. */
  rowsPerDelivery: 32_768,
  /** Deliveries whose rows are counted in one process; the one asked for longest ago is forgotten first. */
  deliveriesRemembered: 10_000,
  /** How long the record of a session's delivery is kept: who claims does so within a month. */
  deliveryKeptMs: 31 * 86_400_000,
  /** Rows under an id that no session has: frames are fetched while the session is still asked for, and no longer. */
  strayDeliveryKeptMs: 86_400_000,
  /** Rows of the record deleted by one round of cleaning: it grows faster than anything else here. */
  cleanedDeliveries: 50_000,
  /** Claims that one answer of the admin interface lists. */
  listedClaims: 1_000,
  /** Units, or commands of them, that one call of the key unit takes: a fifth of a second of one core, so that others get their turn. */
  keyCommands: 200,
  /** Keys that a module asks for in one contact: all of a new one's. */
  keysPerContact: 16,
  /** Commands of one batch: a hundred thousand units with ten keys each, 130 bytes a line. */
  batchCommands: 1_000_000,
  /** A line of the commands, in characters: a command is 130. A file with longer ones is no file of commands. */
  batchCommandLength: 2_048,
  /** A line of the answers: its command, of which JSON may make six times as many characters, and some 400 more. */
  batchLineLength: 16_384,
  /** A file of commands that is given to the desk: the most commands there may be, twice as long as they need to be. */
  batchSizeBytes: 268_435_456,
  /** Batches that the desk lists, newest first. */
  listedBatches: 200,
  /** Batches that one desk runs at once: they share one core, so more would only be slower each. */
  runningBatches: 4,
  /** Failed units that one answer of the desk lists; files have all of them. */
  listedFailures: 200,
  /** Sets, and application keys of one, that one answer lists. */
  listedKeySets: 1_000,
  /** See `listedKeySets`. */
  listedApplicationKeys: 1_000,
  /** Agreements that one answer lists: four open sets of the usual size. */
  listedAgreements: 1_024,
  /** Modules that an open set takes in at most: whoever breaks one open has what all of its set share (docs/protocol.md §23). */
  openSetUnits: 65_536,
  /** Names tried for the set that follows on a full one: so many the keeper may have taken in a row. */
  setNamesTried: 1_000,
  /** Wrong PINs are looked at for a day (docs/protocol.md §24). */
  wrongPinKeptMs: 86_400_000,
  /** Certificates of modules that one process remembers as verified, half a kilobyte each; the one verified longest ago is forgotten first. */
  certificatesRemembered: 8_192,
  /** Wrong PINs of one module in any 24 hours: four digits then take three years (docs/threat-model.md). */
  wrongPins: 10,
  /** Agreements of one module that it may have ended itself in any 24 hours (docs/protocol.md §23): a count that ran away is rare, a lost row rarer. */
  keyRenewals: 8,
  keyRenewalKeptMs: 86_400_000,
  /** Cards that one answer of the admin interface lists. */
  listedCards: 1_000,
  /** A grant covers an evening and its pauses; a session is taken up again within it. */
  grantLifeMs: 43_200_000,
  /** Frames of a live programme that one grant covers at most: half an hour of two seconds each. Beyond it a terminal takes another. */
  liveGrantFrames: 900,
  /** Frames of a live programme whose files stay behind its window: five minutes for requests under way and caches that ask late. */
  liveMarginFrames: 150,
  /** Whoever was granted a frame of a live programme has an hour to fetch it, twice what the longest grant takes to play. */
  liveFetchMs: 3_600_000,
  /** Live updates that are read at once where a claim is judged: one of half a kilobyte each. */
  liveUpdatesRead: 256,
  /** Files that one transaction deletes behind a window, so that nobody waits long for the catalogue. */
  liveFilesCleared: 500,
  /** Frames that a live publisher may hold before they are published: what it may have sealed and lost when it is cut. */
  liveReserveFrames: 1_100,
  /** A module certificate is renewed by enrolling again with the same keys. */
  moduleCertificateLifeMs: 365 * 86_400_000,
  /** The provider's own certificate, made anew at a start when less than half is left. */
  providerCertificateLifeMs: 730 * 86_400_000,
  /** Static files are held in memory, compressed once: both builds are a few megabytes. */
  staticTotalBytes: 67_108_864,
  /** Piece of a content file read at once. */
  contentChunkBytes: 65_536,
  /** No write of one file takes a day; older staged files were left by a process that died. */
  stagedFileLifeMs: 86_400_000,
  /** Taking over a dead process's lock is three file operations; a guard older than this lost its owner in between. */
  lockTakeoverMs: 10_000,
  /** Between two looks at a database that another process has. */
  lockPauseMs: 250,
  /** Looks before somebody who has encoded for an hour is told that the database is taken: ten seconds, longer than any start. */
  lockAttempts: 40,
  /** Time open requests get to finish at a stop before their sockets are closed. */
  stopGraceMs: 5_000,
  /** Programmes one catalogue answer lists. */
  catalogueProgrammes: 1_000,
});
