import { describe, expect, it } from 'vitest';
import { proxyFromEnvironment } from '../../../src/config/proxy.ts';
import { FatalError } from '../../../src/domain/errors.ts';

describe('proxies of the environment', () => {
  it('are none when nothing is set, or nothing is in it', () => {
    expect(proxyFromEnvironment({ NO_PROXY: 'localhost', HTTP_PROXY: '' })).toBeUndefined();
  });

  it('are read in either case, the lower one first', () => {
    const env = { http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:1', HTTPS_PROXY: 'http://c:1', no_proxy: 'd' };
    expect(proxyFromEnvironment(env)).toEqual({ httpProxy: 'http://a:1', httpsProxy: 'http://c:1', noProxy: 'd' });
  });

  it.each([
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128'],
    ['https://proxy.example.com', 'https://proxy.example.com'],
    ['http://me:p%23ss@proxy:3128/', 'http://me:p%23ss@proxy:3128/'],
    [' http://proxy:3128 ', 'http://proxy:3128'],
    ['localhost:3128', 'http://localhost:3128'],
    ['10.0.0.1:8080', 'http://10.0.0.1:8080'],
    ['[::1]:3128', 'http://[::1]:3128'],
    ['me:secret@proxy.example.com:3128', 'http://me:secret@proxy.example.com:3128'],
  ])('may be written as %s', (value, url) => {
    expect(proxyFromEnvironment({ HTTPS_PROXY: value })?.httpsProxy).toBe(url);
  });

  it.each([
    'yes',
    'two words:1',
    'proxy:port',
    'localhost:99999',
    'http://',
    'ftp://proxy:21',
    'http://me:hunter2#@proxy:3128',
    'http://me:1#hunter2@proxy:3128',
    'me:hunter2@proxy',
  ])('are refused by the name of the variable alone: %s', (value) => {
    const read = () => proxyFromEnvironment({ HTTPS_PROXY: value });
    expect(read).toThrow(FatalError);
    expect(read).toThrow(/^HTTPS_PROXY is not the address of a proxy: .*http:\/\/proxy\.example\.com:3128/);
    expect(read).toThrow(/^(?!.*hunter2).*$/s);
  });

  it.each([
    'socks5://me:hunter2@proxy:1080',
    'SOCKS4://proxy',
    'socks5h://proxy:1080',
  ])('may not be SOCKS: %s', (value) => {
    const read = () => proxyFromEnvironment({ http_proxy: value });
    expect(read).toThrow(FatalError);
    expect(read).toThrow(/^http_proxy names a SOCKS proxy(?!.*hunter2)/);
  });
});
