import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';

import { createRedactor, REDACTION_RULES } from '../../../src/redaction/index.ts';
import { MAX_NODES } from '../../../src/redaction/walk.ts';
import {
  FORMED,
  INNOCENT,
  PLACES,
  PREFIXED,
  SHAPED,
  SHAPELESS,
  TELLING_PLACES,
} from '../../support/secrets.ts';

const redactor = createRedactor();

/** The longest run of characters of the secret, past the public prefix of its kind, that is left. */
function leftOf(secret: string, text: string, shortest = 4): string {
  const body = secret.replace(/^(?:sk-ant-\w{5,7}-|bedrock-api-key-|[a-z]{2,4}[_-]|github_pat_)/i, '');
  for (let length = body.length; length >= shortest; length -= 1) {
    for (let start = 0; start + length <= body.length; start += 1) {
      if (text.includes(body.slice(start, start + length))) return body.slice(start, start + length);
    }
  }
  return '';
}

describe('secrets of a shape of their own', () => {
  describe.each(SHAPED)('$kind', ({ secret }) => {
    test.each([...PLACES, ...TELLING_PLACES])('%s', (_name, put) => {
      const text = put(secret);
      const redacted = redactor.text(text);
      expect(leftOf(secret, redacted)).toBe('');
      expect(redacted).toContain('REDACTED');
      expect(redactor.text(redacted)).toBe(redacted);
    });
  });
});

test.each(['', 'k', 'ke', 'key', '{"apiKey":"'])('base64 of an Anthropic key after %j', (before) => {
  for (const { kind, secret } of SHAPED.filter((sample) => sample.secret.startsWith('sk-ant-'))) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(`${before}${secret}"}`).toString(encoding);
      for (const text of [encoded, encodeURIComponent(encoded)]) {
        const redacted = redactor.text(`read ${text} and failed`);
        const left = Buffer.from(redacted.split(' ')[1]?.split('[')[0] ?? '', 'base64').toString();
        expect([kind, left.slice(before.length)]).toEqual([kind, expect.stringMatching(/^s?.?$/)]);
        expect(redacted).toMatch(/\[REDACTED\] and failed$/);
      }
    }
  }
});

test.each([...PREFIXED, ...FORMED])('a token with a prefix: %s', (token) => {
  const text = JSON.stringify({ note: `refused ${token} (401)` });
  expect(redactor.text(text)).toBe('{"note":"refused [REDACTED] (401)"}');
  for (const colour of [
    '\u001B[31m',
    '\\u001b[1;31m',
    '\\x1B[31m',
    '\\033[0m',
    '#033[31m',
    '[38:5:1m',
    '\u001B[2K',
  ]) {
    expect(redactor.text(`${colour}${token}${colour}`)).toBe(`${colour}[REDACTED]${colour}`);
  }
});

test.each(['\n', '\r\n  ', '\\\n'])('an Anthropic key that is broken by %j', (lineBreak) => {
  const [whole = ''] = SHAPED.map(({ secret }) => secret);
  const text = `key: ${whole.slice(0, 60)}${lineBreak}${whole.slice(60)}\nnext line`;
  expect(redactor.text(text)).toBe('key: [REDACTED]\nnext line');
  const variable = `${whole}\nCLAUDE_CODE_MAX_OUTPUT_TOKENS_2=5`;
  expect(redactor.text(variable)).toBe('[REDACTED]\nCLAUDE_CODE_MAX_OUTPUT_TOKENS_2=5');
});

test('an Anthropic key with the dashes of a word processor', () => {
  for (const dash of ['\u2010', '\u2011', '\u2013', '\u2014']) {
    const key = ['sk', 'ant', 'api03', 'Ab3'.repeat(31)].join(dash);
    expect(redactor.text(`refused ${key}, try again`)).toBe('refused [REDACTED], try again');
  }
});

describe('secrets known by their place', () => {
  describe.each(SHAPELESS)('$kind', ({ secret }) => {
    test.each(TELLING_PLACES)('%s', (_name, put) => {
      const redacted = redactor.text(put(secret));
      expect(leftOf(secret, redacted)).toBe('');
      expect(leftOf(encodeURIComponent(secret), redacted, 6)).toBe('');
      expect(redactor.text(redacted)).toBe(redacted);
    });
  });
});

describe('what stands around a secret stays', () => {
  test.each([
    ['x-api-key: abc123\r\nhost: localhost', 'x-api-key: [REDACTED]\r\nhost: localhost'],
    ['Authorization: Basic YTpi\nHost: x', 'Authorization: Basic [REDACTED]\nHost: x'],
    ['Bearer abc123, retry', 'Bearer [REDACTED], retry'],
    ['proxy says Basic dXNlcjpwYXNz here', 'proxy says Basic [REDACTED] here'],
    ['{"password":"a\\"b\\\\","n":1}', '{"password":"[REDACTED]","n":1}'],
    [
      '{"body":"{\\"secret\\":\\"a\\\\\\"b\\",\\"n\\":1}"}',
      '{"body":"{\\"secret\\":\\"[REDACTED]\\",\\"n\\":1}"}',
    ],
    ['password=a, user=bob', 'password=[REDACTED], user=bob'],
    ['https://a:b@host:1/p?q=1', 'https://REDACTED:REDACTED@host:1/p?q=1'],
    ['postgres://u:p/a#b?c@d@h/db', 'postgres://REDACTED:REDACTED@h/db'],
    ['https://token@host/users/@bob', 'https://REDACTED:REDACTED@host/users/@bob'],
    ["https://o'brien:it's@h/p?token=it's&n=1", 'https://REDACTED:REDACTED@h/p?token=REDACTED&n=1'],
    ["https://bob:it'-s@h/p?token=it'%3Cs&n=1", 'https://REDACTED:REDACTED@h/p?token=REDACTED&n=1'],
    ['x-api-key: Ab3x=Ab3\nHost: x', 'x-api-key: [REDACTED]\nHost: x'],
    ['%22password%22%3A%22Ab3%5C%22Ab3%22%2C%22n%22', '%22password%22%3A%22[REDACTED]%22%2C%22n%22'],
    ['%22password%22%3A%22Ab3%5C%5C%22%2C%22n%22', '%22password%22%3A%22[REDACTED]%22%2C%22n%22'],
    ['url=https%3A%2F%2Fh%3Ftoken%3DAb3%2526Ab3%26n%3D1', 'url=https%3A%2F%2Fh%3Ftoken%3DREDACTED%26n%3D1'],
    ["mysql -u root -p'-Ab3' app", "mysql -u root -p'[REDACTED]' app"],
    ["password: 'it''[s'\nuser: a", "password: '[REDACTED]'\nuser: a"],
    ["mongodb+srv://u:it's%2F@h/d", 'mongodb+srv://REDACTED:REDACTED@h/d'],
    ['postgres://u:/Ab3+/Ab3=@h:5432/db', 'postgres://REDACTED:REDACTED@h:5432/db'],
    ['postgres://u:12/Ab3+/Ab3=@h:5432/db', 'postgres://REDACTED:REDACTED@h:5432/db'],
    ['https://bob:/Ab3#Ab3=@h', 'https://REDACTED:REDACTED@h'],
    ['redis://h:6379/0,redis://u:p@h', 'redis://h:6379/0,redis://REDACTED:REDACTED@h'],
    ["Cookie: a=it's; b=c\nHost: x", 'Cookie: [REDACTED]\nHost: x'],
    ["curl -H 'Cookie: a=b' https://h", "curl -H 'Cookie: [REDACTED]' https://h"],
    ["Authorization: Digest a='b c', d='e f'\nHost: x", 'Authorization: Digest [REDACTED]\nHost: x'],
    ["export TOKEN='it'\\''s me'; x", "export TOKEN='[REDACTED]'; x"],
    ["WITH PASSWORD 'it''s \"me\"' VALID", "WITH PASSWORD '[REDACTED]' VALID"],
    [String.raw`WITH PASSWORD 'Ab\3x' VALID`, "WITH PASSWORD '[REDACTED]' VALID"],
    ["WITH PASSWORD '/Ab3+/Ab3=' VALID", "WITH PASSWORD '[REDACTED]' VALID"],
    ['redis://:pw@h:1', 'redis://REDACTED:REDACTED@h:1'],
    ['https:\\/\\/u:p@h\\/x', 'https:\\/\\/REDACTED:REDACTED@h\\/x'],
    ['next=https%3A%2F%2Fu%3Ap%40h%2Fx', 'next=https%3A%2F%2FREDACTED:REDACTED%40h%2Fx'],
    ['u=https%3A%2F%2Fu%3Ap%252Fq%2540r%40h%2Fx', 'u=https%3A%2F%2FREDACTED:REDACTED%40h%2Fx'],
    ['u=https%253A%252F%252Fu%253Ap%25252Fq%2540h', 'u=https%253A%252F%252FREDACTED:REDACTED%2540h'],
    [
      'see (mysql -u a -pAb3) and $(redis-cli -a Ab3)',
      'see (mysql -u a -p[REDACTED]) and $(redis-cli -a [REDACTED])',
    ],
    [
      '[{Name:A_TOKEN Value:a1 ValueFrom:nil} {Name:B Value:c}]',
      '[{Name:A_TOKEN Value:[REDACTED] ValueFrom:nil} {Name:B Value:c}]',
    ],
    ['{ name: token, value: a1, x: 1 }', '{ name: token, value: [REDACTED], x: 1 }'],
    ['u:p@tcp(localhost:3306)/db', 'REDACTED:REDACTED@tcp(localhost:3306)/db'],
    ['jdbc:oracle:thin:a/b@//db:1521/app', 'jdbc:oracle:thin:REDACTED:REDACTED@//db:1521/app'],
    ['jdbc:oracle:oci:bob/hunter2', 'jdbc:oracle:oci:REDACTED:REDACTED'],
    ["password = '''\nhunter2 ", "password = '''[REDACTED]"],
    ["password = '''\na\nb''' # c\nuser = 'd'", "password = '''[REDACTED]''' # c\nuser = 'd'"],
    [
      'machine h\n login bob\n password a\nmachine i',
      'machine h\n login bob\n password [REDACTED]\nmachine i',
    ],
    ["['curl', '-u', 'a:b', 'https://h']", "['curl', '-u', '[REDACTED]', 'https://h']"],
    ["['app', '--password', 'a', '--verbose']", "['app', '--password', '[REDACTED]', '--verbose']"],
    ['app -u a:b --verbose', 'app -u [REDACTED] --verbose'],
    ['https://h/?a=1&sig=x%2By&b=2', 'https://h/?a=1&sig=REDACTED&b=2'],
    ['https://h/cb?code=abc123&state=q', 'https://h/cb?code=REDACTED&state=q'],
    ['https://h/cb?state=q&code=abc1', 'https://h/cb?state=q&code=REDACTED'],
    ['https://h/cb?n=1&code=abc1', 'https://h/cb?n=1&code=abc1'],
    ['https://hooks.slack.com/services/T0/B0/x1', 'https://hooks.slack.com/services/[REDACTED]'],
    [
      'LiteLLM Virtual Key expected. Received=corp-gateway-9f8e7d6c5b, expected to start',
      'LiteLLM Virtual Key expected. Received=[REDACTED], expected to start',
    ],
    ['API key "Ab3Ab3Ab3Ab3Ab3x" is not valid', 'API key "[REDACTED]" is not valid'],
    ['The token Ab3Ab3Ab3Ab3Ab3x has expired.', 'The token [REDACTED] has expired.'],
    ['Your secret is 0123456789abcdef0123456789abcdef.', 'Your secret is [REDACTED].'],
    ["the password 'hunter2' is wrong", "the password '[REDACTED]' is wrong"],
    [
      'curl -X POST -U a:b --cookie sid=x -u "bob:hunter2" https://h',
      'curl -X POST -U [REDACTED] --cookie [REDACTED] -u "[REDACTED]" https://h',
    ],
    ["set password='it''s me', n=1", "set password='[REDACTED]', n=1"],
    ['curl -u bob:hunter2 https://h', 'curl -u [REDACTED] https://h'],
    ['password: {"min":1}', 'password: {"min":1}'],
    ['{"set-cookie":["a=b","c=d"],"n":1}', '{"set-cookie":["[REDACTED]"],"n":1}'],
    [
      "{ authorization: [ 'Authorization', 'Bearer a1' ],\n n: 1 }",
      "{ authorization: [ '[REDACTED]' ],\n n: 1 }",
    ],
    ['Authorization: Bearer\\nabc123\\nHost: x', 'Authorization: Bearer\\n[REDACTED]\\nHost: x'],
    ['passwords:\n  - a1\n  - b2\nuser: bob', 'passwords:\n  - [REDACTED]\nuser: bob'],
    ['{"yaml":"password: |\\n  a1\\nuser: bob"}', '{"yaml":"password: |\\n[REDACTED]\\nuser: bob"}'],
    ['~ password = "a1" -> "b2" # forces', '~ password = "[REDACTED]" # forces'],
    ['data:\n  password: aHVudGVyMg==\n  user: Ym9i', 'data:\n  password: [REDACTED]\n  user: Ym9i'],
    ['{"body":"api_key\\u003dabc123\\u0026a\\u003d1"}', '{"body":"api_key\\u003d[REDACTED]"}'],
    [
      '{"url":"https://h/?a=1\\u0026sig=abc123\\u0026b=2"}',
      '{"url":"https://h/?a=1\\u0026sig=REDACTED\\u0026b=2"}',
    ],
    ['https://hooks.slack.com\\/services\\/T0\\/x1', 'https://hooks.slack.com\\/services\\/[REDACTED]'],
    [
      'https%3A%2F%2Fhooks.slack.com%2Fservices%2FT0%2Fx1',
      'https%3A%2F%2Fhooks.slack.com%2Fservices%2F[REDACTED]',
    ],
    ['https://discord.com/api/v10/webhooks/1/x1y2', 'https://discord.com/api/v10/webhooks/[REDACTED]'],
    [
      'https://endpoint4.collection.us2.sumologic.com/receiver/v1/otlp/x1y2==/v1/traces',
      'https://endpoint4.collection.us2.sumologic.com/receiver/v1/otlp/[REDACTED]',
    ],
    ['https://events.pagerduty.com/integration/x1y2', 'https://events.pagerduty.com/integration/[REDACTED]'],
    [
      'https://f.azurewebsites.net/api?code=Ab3Ab3Ab3Ab3Ab3Ab3Ab3A==',
      'https://f.azurewebsites.net/api?code=REDACTED',
    ],
    ['postgres://user:secretpa', 'postgres://REDACTED:REDACTED'],
    ['postgres://git@tenant:S3cretPw@host/db', 'postgres://REDACTED:REDACTED@host/db'],
    ['<password note="R&D">hunter2Xq</password>', '<password note="R&D">[REDACTED]</password>'],
    ['<password><![CDATA[a<b]]></password>', '<password><![CDATA[[REDACTED]]]></password>'],
    ['{"password":"wrong","n":1}', '{"password":"[REDACTED]","n":1}'],
    ['{\\"password\\":\\"yes\\"}', '{\\"password\\":\\"[REDACTED]\\"}'],
    ['%22password%22%3A%22yes%22', '%22password%22%3A%22[REDACTED]%22'],
    ['--password is.foo --verbose', '--password [REDACTED] --verbose'],
    ['passwords: ["a", \'b\'], user: "bob", x: "y"', 'passwords: [REDACTED], user: "bob", x: "y"'],
  ])('%j', (text, expected) => {
    expect(redactor.text(text)).toBe(expected);
    expect(redactor.text(expected)).toBe(expected);
  });

  test.each([
    [
      'with an end',
      (kind: string, body: string) => `a -----BEGIN ${kind}-----\n${body}\n-----END ${kind}----- b`,
      ' b',
    ],
    [
      'in JSON',
      (kind: string, body: string) => `a "-----BEGIN ${kind}-----\\n${body}\\n-----END ${kind}-----\\n" b`,
      '\\n" b',
    ],
    ['cut off', (kind: string, body: string) => `a -----BEGIN ${kind}-----\n${body}`, ''],
    [
      'of SSH2',
      (kind: string, body: string) => `a ---- BEGIN ${kind} ----\n${body}\n---- END ${kind} ---- b`,
      ' b',
    ],
    [
      'without their beginning',
      (kind: string, body: string) =>
        `cut off:\n...${body.slice(9)}\n${body}\nMIIB=\n-----END ${kind}-----\n`,
      '\n',
    ],
    [
      'without their beginning, in JSON',
      (kind: string, body: string) => `…${body.slice(9)}\\n${body}\\nMIIB\\n-----END ${kind}-----\\n"`,
      '\\n"',
    ],
  ])('private keys, %s', (_name, put, tail) => {
    for (const kind of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK']) {
      const redacted = redactor.text(put(kind, 'MIIB'.repeat(20)));
      expect(redacted).not.toContain('MIIB');
      expect(redacted.endsWith(`[REDACTED]${tail}`)).toBe(true);
    }
  });
});

test.each(INNOCENT)('innocent: %s', (text) => {
  expect(redactor.text(text)).toBe(text);
  expect(redactor.url(text)).toBe(text);
});

test.each(['+ASt', '+AEh', '+ACR', '+ABa', 'ACDb', 'APIM', 'AzFu', 'AzSeA'])(
  'a picture in base64 with %s somewhere, as Azure marks keys near their end',
  (mark) => {
    const half = 'Ab3/+x9Zk'.repeat(40);
    const picture = `data:image/png;base64,${half}${mark}${half}==`;
    expect(redactor.text(picture)).toBe(picture);
  },
);

test('texts that look like the seals of secrets in work', () => {
  expect(redactor.text('\ue0000\ue000 password=abc')).toBe('\ue0000\ue000 password=[REDACTED]');
  const all = Array.from({ length: 0x100 }, (_, index) => String.fromCharCode(0xe000 + index)).join('');
  expect(redactor.text(`${all} password=abc`)).toBe('[REDACTED]');
});

describe('url', () => {
  test.each([
    ['https://u:p@h/x?api_key=a&n=1', 'https://REDACTED:REDACTED@h/x?api_key=REDACTED&n=1'],
    ['/v1?key=abc&limit=2#id_token=x', '/v1?key=REDACTED&limit=2#id_token=REDACTED'],
    [
      'https://h/?X-Goog-Signature=a&X-Goog-Credential=b&AWSAccessKeyId=c',
      'https://h/?X-Goog-Signature=REDACTED&X-Goog-Credential=REDACTED&AWSAccessKeyId=REDACTED',
    ],
    ['https://h/?code=4x&page=1', 'https://h/?code=REDACTED&page=1'],
    ['https://h/?api%5Fkey=abc', 'https://h/?api%5Fkey=REDACTED'],
    ['https://h/?%zz=1&sig=', 'https://h/?%zz=1&sig='],
  ])('%s', (url, expected) => {
    expect(redactor.url(url)).toBe(expected);
    expect(redactor.url(expected)).toBe(expected);
  });
});

describe('truncate', () => {
  test('leaves no part of a secret that spans the limit', () => {
    const secret = SHAPED[0]?.secret as string;
    for (let limit = 0; limit < 60; limit += 1) {
      const cut = redactor.truncate(`0123456789 ${secret} tail`, limit);
      expect(cut.length).toBeLessThanOrEqual(limit);
      expect(leftOf(secret, cut)).toBe('');
    }
  });

  test('does not split a character', () => {
    expect(redactor.truncate('ab😀cd', 3)).toBe('ab');
    expect(redactor.truncate('ab😀cd', 4)).toBe('ab😀');
    expect(redactor.truncate('abc', 3)).toBe('abc');
  });
});

describe('values and attributes', () => {
  test('the same object when nothing changes', () => {
    const attributes = {
      'gen_ai.request.model': 'claude',
      n: 1,
      list: ['a', 'b'],
      ok: true,
      none: undefined,
    };
    expect(redactor.attributes(attributes)).toBe(attributes);
    expect(redactor.value(attributes.list)).toBe(attributes.list);
  });

  test('a copy when something does', () => {
    const attributes = { a: 'x', 'url.full': 'https://u:p@h/', list: ['a', 'Bearer abc123'], n: 1 };
    const redacted = redactor.attributes(attributes);
    expect(redacted).toEqual({
      a: 'x',
      'url.full': 'https://REDACTED:REDACTED@h/',
      list: ['a', 'Bearer [REDACTED]'],
      n: 1,
    });
    expect(attributes.list[1]).toBe('Bearer abc123');
  });

  test('keys', () => {
    const secret = SHAPED[0]?.secret as string;
    expect(redactor.attributes({ [`tool.${secret}`]: 1 })).toEqual({ 'tool.[REDACTED]': 1 });
  });

  test('all under the name of a secret, nothing under the name of a count', () => {
    expect(
      redactor.attributes({
        'db.password': 'hunter two',
        'http.request.header.x-api-key': ['abc', 'def'],
        'http.request.header.cookie': ['a=b'],
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.token.type': 'input',
        token: 5,
        pin: { secret: { a: 'x', n: 1234567, ok: true } },
      }),
    ).toEqual({
      'db.password': '[REDACTED]',
      'http.request.header.x-api-key': ['[REDACTED]', '[REDACTED]'],
      'http.request.header.cookie': ['[REDACTED]'],
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.token.type': 'input',
      token: 5,
      pin: { secret: { a: '[REDACTED]', n: '[REDACTED]', ok: true } },
    });
  });

  test('a name and a password in a list of arguments', () => {
    for (const option of ['-u', '--user', '--proxy-user'])
      {expect(redactor.value(['/usr/bin/curl', option, 'bob:hunter2', 'https://h'])).toEqual([
        '/usr/bin/curl', option, '[REDACTED]', 'https://h',
      ]);} // prettier-ignore
    expect(redactor.value(['node', 'app.js', '-u', 'bob:hunter2'])).toEqual([
      'node', 'app.js', '-u', '[REDACTED]',
    ]); // prettier-ignore
    const innocent = [
      ['docker', 'run', '-u', '1000:1000', '-p', '80:80'],
      ['sudo', 'docker', 'run', '--user', 'app:group'],
      ['date', '-u', '+%H:%M'],
      ['docker', 'run', '--user', 'node:staff'],
      ['git', 'push', '-u', 'origin', 'main:main'],
      ['app', '-u', 'localhost:8080', '--user', 'bob'],
    ];
    for (const list of innocent) expect(redactor.value(list)).toBe(list);
  });

  test('cookies in curl’s list of arguments', () => {
    expect(redactor.value(['curl', '-b', 'a=b', 'https://h'])).toEqual([
      'curl',
      '-b',
      '[REDACTED]',
      'https://h',
    ]);
    expect(redactor.value(['app', '-b', 'a=b'])).toEqual(['app', '-b', 'a=b']);
  });

  test.each([
    [['mysqldump', '-u', 'root', '-phunter2', 'app'], 3, '-p[REDACTED]'],
    [['sudo', '/usr/bin/mysql', '-phunter2'], 2, '-p[REDACTED]'],
    [['redis-cli', '-h', 'cache', '-a', 'hunter2', 'ping'], 4, '[REDACTED]'],
    [['docker', 'login', '-u', 'bob', '-p', 'hunter2', 'h'], 5, '[REDACTED]'],
    [['docker', '--config', '/tmp/d', 'login', '-p', 'hunter2'], 5, '[REDACTED]'],
    [['sshpass', '-p', 'hunter2', 'ssh', 'h'], 2, '[REDACTED]'],
    [['sshpass', '-phunter2', 'ssh', 'h'], 1, '-p[REDACTED]'],
    [['sqlcmd', '-S', 'db', '-P', 'hunter2'], 4, '[REDACTED]'],
    [['keytool', '-storepass', 'hunter2'], 2, '[REDACTED]'],
    [['curl', '-ubob:hunter2', 'https://h'], 1, '-u[REDACTED]'],
    [['curl', '-bsid=hunter2', 'https://h'], 1, '-b[REDACTED]'],
  ])('a short option in a list of arguments: %j', (list, index, redacted) => {
    expect(redactor.value(list)).toEqual(list.with(index, redacted));
    for (const text of [JSON.stringify(list), inspect(list), JSON.stringify({ list: inspect(list) })]) {
      expect(redactor.text(text)).not.toContain('hunter2');
    }
  });

  test('short options of other programs in a list of arguments', () => {
    const innocent = [
      ['mysql', '-p', 'app'],
      ['docker', 'run', '-p', '80:80', 'img'],
      ['docker', 'run', '--name', 'mysql', '-p3306:3306', 'mysql'],
      ['ssh', '-p', '22', 'h'],
      ['redis-cli', '-a', '--verbose'],
      ['node', '-p', 'process.version'],
      ['app', '-ubob:x', '-ba=b'],
      ['-p', 'hunter2'],
      ['find', '/var/lib/mysql', '-perm', '644'],
    ];
    for (const list of innocent) expect(redactor.value(list)).toBe(list);
  });

  test('lists of arguments and of raw headers', () => {
    expect(redactor.value(['node', '--api-key', 'abc', '--port', '80', '--token', '--x'])).toEqual([
      'node', '--api-key', '[REDACTED]', '--port', '80', '--token', '--x',
    ]); // prettier-ignore
    expect(redactor.value(['host', 'h', 'Authorization', 'abc'])).toEqual([
      'host',
      'h',
      'Authorization',
      '[REDACTED]',
    ]);
  });

  test('bytes', () => {
    const bytes = new TextEncoder().encode('naïve Bearer abc123');
    expect(new TextDecoder().decode(redactor.value(bytes))).toBe('naïve Bearer [REDACTED]');
    const innocent = new TextEncoder().encode('naïve');
    expect(redactor.value(innocent)).toBe(innocent);
  });

  test('fields that are objects of a name and a value', () => {
    const fields = [
      { name: 'x-api-key', value: 'hunter2' },
      { key: 'DB_PASSWORD', value: 'hunter2', note: 'Bearer abc123' },
      { name: 'region', value: 'eu' },
      { name: 'token', value: 5 },
      { Name: 'DB_PASSWORD', Value: 'hunter2' },
      { name: 'auth', args: ['default', 'hunter2'] },
      { name: 'get_secret', args: ['db/prod'] },
      { name: 'password', value: 'wrong' },
    ];
    expect(redactor.value(fields)).toEqual([
      { name: 'x-api-key', value: '[REDACTED]' },
      { key: 'DB_PASSWORD', value: '[REDACTED]', note: 'Bearer [REDACTED]' },
      { name: 'region', value: 'eu' },
      { name: 'token', value: 5 },
      { Name: 'DB_PASSWORD', Value: '[REDACTED]' },
      { name: 'auth', args: ['[REDACTED]', '[REDACTED]'] },
      { name: 'get_secret', args: ['db/prod'] },
      { name: 'password', value: '[REDACTED]' },
    ]);
    expect(redactor.value(fields.slice(2))[1]).toBe(fields[3]);
  });

  test.each([
    ['a map', new Map([['x-api-key', 'hunter2']])],
    ['an error', new Error('refused Bearer hunter2')],
    ['headers', new Headers({ authorization: 'Bearer hunter2' })],
    ['a URL', new URL('https://bob:hunter2@localhost/')],
  ])('what a console shows of %s', (_name, object) => {
    const shown = redactor.value<unknown>([object]);
    expect(inspect(shown)).toContain('REDACTED');
    expect(inspect(shown)).not.toContain('hunter2');
    const innocent = [new Map([['a', 1]]), new Error('no'), new URL('https://localhost/'), new Date(0)];
    expect(redactor.value(innocent)).toBe(innocent);
  });

  test.each([
    ['a map', new Map([['a', 'hunter2']])],
    ['a set', new Set(['hunter2'])],
    ['an error', new Error('hunter2')],
    ['a URL', new URL('https://localhost/hunter2')],
  ])('%s under a name that announces a secret', (_name, object) => {
    expect(redactor.value<unknown>({ secrets: object })).toEqual({ secrets: '[REDACTED]' });
  });

  test('a value within itself', () => {
    const child: Record<string, unknown> = { name: 'child' };
    const root = { name: 'root', children: [child, child], token: [child] };
    child['parent'] = root;
    const redactedChild = { name: 'child', parent: '[REDACTED]' };
    expect(redactor.value(root)).toEqual({
      name: 'root',
      children: [redactedChild, redactedChild],
      token: [{ name: '[REDACTED]', parent: '[REDACTED]' }],
    });
    expect(redactor.attributes(root)).toEqual(redactor.value(root));
  });

  test.each(['plain', 'token'])('a tree that branches without end, under the name "%s"', (name) => {
    let reads = 0;
    const nest = (): object =>
      new Proxy(
        { a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0 },
        {
          get: () => {
            reads += 1;
            if (reads > 5 * MAX_NODES) throw new Error('too many');
            return nest();
          },
        },
      );
    for (const redact of [redactor.value.bind(redactor), redactor.attributes.bind(redactor)]) {
      reads = 0;
      redact({ [name]: nest() });
      expect(reads).toBeLessThan(4 * MAX_NODES);
    }
    const wide = Array.from({ length: MAX_NODES + 5 }, () => 'x');
    expect(redactor.value(wide).slice(-7)).toEqual(['x', ...Array.from({ length: 6 }, () => '[REDACTED]')]);
  });

  test('cycles, depth and hostile objects end', () => {
    const cycle: Record<string, unknown> = { a: 'Bearer abc123' };
    cycle['self'] = cycle;
    expect(JSON.stringify(redactor.value(cycle))).not.toContain('abc123');
    const throwing = {
      get a(): string {
        throw new Error('no');
      },
    };
    expect(redactor.value(throwing)).toBe('[REDACTED]');
    expect(redactor.attributes(throwing)).toEqual({ 'redaction.error': '[REDACTED]' });
    expect(redactor.attributes(JSON.parse('{"__proto__":"Bearer abc123"}') as object)).toEqual(
      JSON.parse('{"__proto__":"Bearer [REDACTED]"}'),
    );
  });
});

describe('patterns and censors of the user', () => {
  test('patterns, global or not, and literal texts', () => {
    const own = createRedactor({ patterns: [/org-\d+/, /ACME/gi, 'a.b(c'] });
    expect(own.text('org-1 org-22 acme ACME a.b(c axb(c')).toBe(
      '[REDACTED] [REDACTED] [REDACTED] [REDACTED] [REDACTED] axb(c',
    );
    expect(own.text('org-1')).toBe('[REDACTED]');
  });

  test('a pattern that is sticky', () => {
    for (const pattern of [/org-\d+/y, /org-\d+/gy]) {
      expect(createRedactor({ patterns: [pattern] }).text('a org-1 org-22')).toBe('a [REDACTED] [REDACTED]');
    }
  });

  test('a pattern keeps off what is redacted already', () => {
    const own = createRedactor({ patterns: [/[A-Z]{4,}/, ''] });
    const once = own.text('password=abc SHOUT https://u:p@h');
    expect(once).toBe('password=[REDACTED] [REDACTED] https://REDACTED:REDACTED@h');
    expect(createRedactor({ patterns: [/x*/] }).text('a password=b')).toBe('a password=[REDACTED]');
  });

  test('censors', () => {
    const text = createRedactor({ censor: 'removed by policy' });
    const once = text.text('{"password":"a"} token=b user=c');
    expect(once).toBe('{"password":"removed by policy"} token=removed by policy user=c');
    expect(text.text(once)).toBe(once);
    expect(createRedactor({ censor: '$&' }).text('token=abc')).toBe('token=$&');
    const seen: string[] = [];
    const length = createRedactor({
      censor: (secret) => {
        seen.push(secret);
        return `<${secret.length}>`;
      },
    });
    expect(length.text('password=sk-ant-abcdef.x Bearer abc123')).toBe('password=<15> Bearer <6>');
    expect(seen).toEqual(['sk-ant-abcdef.x', 'abc123']);
  });

  test.each([
    ['the options of a redactor must be an object', null],
    ['patterns must be an array', { patterns: 'hunter2' }],
    ['patterns must be an array', { patterns: null }],
    ['patterns[1] must be a RegExp or a string', { patterns: ['a', 5] }],
    ['censor must be a string or a function', { censor: null }],
  ])('%s', (message, options) => {
    expect(() => createRedactor(options as never)).toThrow(new TypeError(message));
  });

  test('what fails takes the whole value', () => {
    const failing = {
      censor: createRedactor({
        censor: () => {
          throw new Error('no');
        },
      }),
      result: createRedactor({ censor: (() => 5) as unknown as () => string }),
    };
    for (const redact of Object.values(failing)) {
      expect(redact.text('a password=abc b')).toBe('[REDACTED]');
      expect(redact.text('nothing here')).toBe('nothing here');
      expect(redact.attributes({ a: 'password=abc', password: 'abc', b: 'c' })).toEqual({
        a: '[REDACTED]',
        password: '[REDACTED]',
        b: 'c',
      });
    }
    class Throwing extends RegExp {
      override get source(): string {
        throw new Error('no');
      }
    }
    const broken = createRedactor({ patterns: [new Throwing('x')] });
    expect(broken.text('password=abc')).toBe('[REDACTED]');
    expect(broken.text('innocent')).toBe('[REDACTED]');
  });

  test('a censor may use the redactor itself', () => {
    const own = createRedactor({ censor: (secret) => redactor.text(`token=${secret}`) });
    expect(own.text('password=a; secret=b')).toBe('password=token=[REDACTED]; secret=token=[REDACTED]');
  });
});

/** The look-behinds with which alternatives of a whole pattern begin. */
function leadingLookBehinds(source: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of source.matchAll(/\\.|\[(?:[^\]\\]|\\.)*\]|./g)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (depth !== 0) continue;
    if (token === ')' && /^\(\?<[=!]/.test(source.slice(start))) found.push(source.slice(start, index + 1));
    start = token === '|' ? index + 1 : source.length;
  }
  return found;
}

describe('the table', () => {
  test('is well-formed', () => {
    expect(new Set(REDACTION_RULES.map(({ id }) => id)).size).toBe(REDACTION_RULES.length);
    for (const rule of REDACTION_RULES) {
      expect(rule.pattern.global).toBe(true);
      expect(rule.what).toMatch(/^[A-Z].*\.$/);
      expect(rule.hints.every((hint) => hint === hint.toLowerCase())).toBe(true);
    }
  });

  test('begins no pattern with a look-behind that repeats: it would run at every character', () => {
    expect(leadingLookBehinds('(?<=a(?:b|[(]c){2})d|e(?<=f*)')).toEqual(['(?<=a(?:b|[(]c){2})']);
    const repeating = REDACTION_RULES.filter(({ pattern }) =>
      leadingLookBehinds(pattern.source).some((lookBehind) => /[*+{]/.test(lookBehind)),
    );
    expect(repeating.map(({ id }) => id)).toEqual([]);
  });

  test('finds nothing more without its hints', () => {
    const texts = [
      ...SHAPED.flatMap(({ secret }) => [...PLACES, ...TELLING_PLACES].map(([, put]) => put(secret))),
      ...SHAPELESS.flatMap(({ secret }) => TELLING_PLACES.map(([, put]) => put(secret))),
    ];
    for (const rule of REDACTION_RULES) {
      for (const text of texts) {
        const matches = text.match(rule.pattern) !== null;
        if (!matches) continue;
        const lower = text.toLowerCase();
        expect([rule.id, text, rule.hints.some((hint) => lower.includes(hint))]).toEqual([
          rule.id,
          text,
          true,
        ]);
      }
    }
  });
});
