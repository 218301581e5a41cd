import { describe, expect, it } from 'vitest';
import { checkServiceSettings, redactTokens } from './token.js';

const uuid = '6f1dbb3a-58ea-4c4b-9f6c-2f1a5f0a7c11';

describe('redaction', () => {
  it.each([
    `16 UNAUTHENTICATED: Invalid Wechaty TOKEN "xinglin_${uuid}"`,
    `insecure_${uuid} and uuid_${uuid}`,
    `/home/x/.wechaty/wechaty-puppet-service/wxwork_${uuid}/v1.19`,
    `puppet_workpro_0123456789abcdef`,
    `puppet_padlocal_abc at 10.0.0.5`,
    `authorization: Wechaty own_secret-word`,
    `Invalid Wechaty TOKEN "my-own_secret"`,
  ])('%s', (text) => {
    const shown = redactTokens(text);
    expect(shown).toContain('[token]');
    expect(shown).not.toMatch(/6f1dbb3a|0123456789|padlocal_abc|secret/);
  });

  it('leaves other texts alone', () => {
    const text = '14 UNAVAILABLE: connect ECONNREFUSED 127.0.0.1:8788';
    expect(redactTokens(text)).toBe(text);
  });
});

describe('settings of a puppet service', () => {
  const good = { token: `xinglin_${uuid}`, endpoint: '10.0.0.5:8788', allowTokenDiscovery: false, noTls: false };

  it.each([
    [{ token: '' }, 'token-missing'],
    [{ token: uuid }, 'token-without-prefix'],
    [{ endpoint: '' }, 'token-would-be-disclosed'],
    [{ endpoint: 'http://10.0.0.5:8788/' }, 'endpoint-malformed'],
    [{ endpoint: '10.0.0.5' }, 'endpoint-malformed'],
    [{ tlsCaCert: '/no/such/file.pem' }, 'ca-unreadable'],
    [{ tlsCaCert: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' }, 'ca-not-a-certificate'],
    [{ tlsCaCert: '/no/such/file.pem', noTls: true }, 'ca-without-tls'],
  ])('%o is told as %s, without the token', (wrong, kind) => {
    const check = checkServiceSettings({ ...good, ...wrong });
    expect(check).toMatchObject({ ok: false, problem: { kind } });
    expect(JSON.stringify(check)).not.toContain(uuid);
  });

  it.each([
    [{}, ['published-certificate']],
    [{ noTls: true }, ['clear-text']],
    [{ endpoint: '', allowTokenDiscovery: true }, ['published-certificate', 'token-disclosed']],
    [{ endpoint: '[::1]:8788' }, ['published-certificate']],
  ])('%o is good, with warnings %j', (given, warnings) => {
    expect(checkServiceSettings({ ...good, ...given })).toMatchObject({ ok: true, warnings });
  });
});
