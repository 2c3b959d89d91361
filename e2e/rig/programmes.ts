// The programmes every test in Chromium can count on, and where they are published. See global-setup.ts.
import { SAMPLE_TITLE } from '../../server-mock/publisher/sample/ensure-sample.ts';

/** Names the folder with the published programmes in the environment of the workers. */
export const PUBLISHED_FOLDER_VARIABLE = 'FAREBOX_E2E_PUBLISHED';

/**
 * The long one has frames enough to seek in, and leaves the module in every way and may be kept; the short one is for the display alone and ends by itself within a test. It bears the sample's title, so that the provider,
 * which makes the sample where no programme is called so, does not spend a minute on it in every run.
 */
export const LONG = {
  title: 'Harbour at dawn',
  durationS: 40,
  width: 640,
  height: 360,
  modes: 'display,frames,keys',
  contract: 'default',
  offlineDays: 7,
} as const;
export const SHORT = {
  title: SAMPLE_TITLE,
  durationS: 6,
  width: 640,
  height: 360,
  modes: 'display',
  contract: null,
  offlineDays: null,
} as const;
export const PROGRAMMES = [LONG, SHORT];
