import { describe, expect, it } from 'vitest';
import { ConfigError, configFromEnvironment } from './config.ts';

describe('settings', () => {
  it('have defaults for everything', () => {
    expect(configFromEnvironment({}, '/farebox')).toEqual({
      dataDir: '/farebox/data',
      host: '127.0.0.1',
      port: 4173,
      modulePort: 4174,
      terminalDir: '/farebox/dist/terminal',
      moduleDir: '/farebox/dist/module',
      currency: 'EUR',
      startingCreditMinor: 200_000n,
      embedders: [],
      rateFactor: 1,
      logLevel: 'warn',
    });
  });

  it.each([
    ['PORT', '70000'],
    ['MODULE_PORT', 'x'],
    ['FAREBOX_DATA', ''],
    ['FAREBOX_STARTING_CREDIT', '-1'],
    ['FAREBOX_RATE_FACTOR', '0'],
    ['FAREBOX_LOG', 'loud'],
    ['FAREBOX_KEY_UNIT', 'short'],
    ['FAREBOX_TERMINAL_ORIGIN', 'https://watch.example/'],
    ['FAREBOX_MODULE_ORIGIN', 'module.watch.example'],
    ['FAREBOX_EMBEDDERS', 'news.example'],
    ['FAREBOX_EMBEDDERS', '*'],
    ['FAREBOX_EMBEDDERS', 'https://*.news.example'],
    ['FAREBOX_EMBEDDERS', 'https://news.example/'],
    ['FAREBOX_EMBEDDERS', 'https://news.example;script-src'],
    ['FAREBOX_EMBEDDERS', 'http://news.example'],
    ['FAREBOX_EMBEDDERS', 'https://news.example,,https://blog.example'],
    ['FAREBOX_EMBEDDERS', Array.from({ length: 33 }, (_, at) => `https://site${at}.example`).join(',')],
  ])('refuse %s=%s and name it', (name, value) => {
    expect(() => configFromEnvironment({ [name]: value }, '/farebox')).toThrow(ConfigError);
    expect(() => configFromEnvironment({ [name]: value }, '/farebox')).toThrow(name);
  });

  it('take other sites that may frame the player, one by one', () => {
    const { embedders } = configFromEnvironment({
      FAREBOX_EMBEDDERS: 'https://news.example, https://blog.example:8443,http://localhost:3000',
    });
    expect(embedders).toEqual(['https://news.example', 'https://blog.example:8443', 'http://localhost:3000']);
  });
});
