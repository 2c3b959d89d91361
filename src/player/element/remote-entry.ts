// The entry of /farebox-video.js: defines the element on a page of another site. Built by itself into one small file; the provider is the
// origin that served it, unless the element names another.

import { defineFareboxVideo } from './farebox-video.ts';
import { createRemoteLink } from './remote-link.ts';

const own = new URL(import.meta.url).origin;

defineFareboxVideo((element) => {
  const named = URL.parse(element.getAttribute('provider') ?? own);
  const isWeb = named?.protocol === 'https:' || named?.protocol === 'http:';
  return createRemoteLink(isWeb ? named.origin : own, element.controls);
});
