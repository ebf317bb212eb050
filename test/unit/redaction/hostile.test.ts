import { expect, test } from 'vitest';

import { createRedactor } from '../../../src/redaction/index.ts';

const redactor = createRedactor();

/** Texts that make a careless pattern start over, or go back, at every character. */
const UNITS: readonly string[] = [
  'a:', '://', '://a', '://a:b', '://a:b@', 'https://a:b/', '@', 'a@', 'Bearer ', '"Bearer x\' ', 'Basic ',
  '"password":', '"password":"', '"password":[', 'password=[ "', 'password: {', 'password=', 'password=a,b,',
  'password%3D%22', 'password: |\n ', `password${' '.repeat(30)}`, '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY----------END', '-----BEGIN ', 'LS0tLS1CRUdJTi', 'eyJ', 'eyJ.', 'eyJa.', 'sk-ant-', 'sk-',
  'sk%2Dant%2D', 'sk%2525', 'sk\\\\', 'c2stYW50LW', 'key received=',
  'AKIA', 'ghp_', 'npm_', 'xoxb-', 'AIza', 'ya29.', 'whsec_', '1//0', 'hooks.slack.com/services/', 'SG.', '@tcp(',
  'a:b@tcp(', '?key=', '&code=', '?code=', '?code=a&', '&state=a&code=', '%3A%2F%2F', '%25', '%22', 'cookie: ="', 'cookie="',
  'authorization: ', 'authorization: digest ', 'headers.append: "', "invalid value: '",
  ' is not a legal HTTP header value', 'Error: is not a legal HTTP header value', '<password>', '<token ', '</',
  'the password ', 'the token "', 'JQQJ99', '+ASt', '8Q~', ':AA', 'curl -b ', ' -u a:', 'password\n  value:',
  'password = """', 'password:"""', "token: '''x ", 'password: \\"\\"\\"', "password='''", 'password = """ ', '\\"\\"\\"', 'jdbc:oracle:thin:a/', 'jdbc:oracle:thin:a/"',
  'password: |\\n a', 'passwords:\n  - a\n', '  - a\n', '"a" -> ', 'password = "a" -> "', 'password="a","', 'password: ["',
  'AAAABBBB\n-----END PRIVATE KEY-----', 'AAAA\n', '---- BEGIN PRIVATE KEY ----A---- END', 'sk-ant-abc\n', 'sk\u2010ant\u2010',
  'mysql -p', 'mysql -p a', ' -pa', ' login -p a', 'curl \\\n -b a=', 'sqlplus a/', '_proxy=a:b', 'identified with ', '&lt;password&gt;',
  'hooks.slack.com\\/services\\/', 'pi_', 'SG.aaaaaaaaaaaaaaaa.', 'xai-', 'secret_', 'IQoJb3JpZ2lu', 'password\\x3d', '\\u0026sig=', '&token[a]=',
  'machine a.b login c password ', 'machine a ', 'default login a ', 'password ', ' -u a:', '-u a:b ', '"-u", "a:', '"--password", "',
  '--password ', '--', 'curl -u ', 'token', 'token ', 'secret_access_', 'api_key', 'pass', 'x-api-key","',
  'password: [x ', '"password": [1, ', '<password><![CDATA[', 'fw_a1', 'sk_', '%2sk_', 'key-', 'sdk-',
  "identified by 'a", "create identified by 'a' ", 'password:\n- a', 'password:\n- a b\n', '"auth", args: [',
  'dt0c01.aaaa.', 'glc_', 'vck_', 'pylf_v1_us_', 'mdb_sa_sk_a_', 'a3f9', 'FFFFN', 'AzSe', 'ACDb', 'APIMaaaaaa', '+AEh', 'xoxd-%2B', '%2B',
  '1//0', '1%2F%2F0', '%1B%5B1%3B', '%5B1%3B31m', 'sk-%5B1%3B', 'sumologic.com/receiver/v1/otlp/', 'bedrock-api-key-%2B', 'pa-aA1',
  "://a'b:", "'a'\\''", "password='a'\\''", "cookie: a'b", "?token=a'b", 'redis://a:1/', 'redis://a:1/b@', '://ab:/',
  '%253A%252F%252Fa', 'name:token value:', 'name:token ', 'name:token, value:a ', 'password\\n', '"password",\\n', 'Headers.set: \\"', '(mysql -p',
  '%5C%22', '%22password%22%3A%22%5C%5C', 'token: Abc', 'token: a_b', 'token: ab=', '%3Ftoken%3Da%2526', "://a''''",
  "password 'a''b", "password '/",
  'docker login -p a', 'docker --a b ', 'az acr ', 'ssh mysql -pa ',
  'password\u001B[31m', '\\u001b[1m', 'sk-\u001B[1;', ' ', '\t\n', '=', '"', "'", '\\', '\\"', '[', '{', 'a', '\ue000', '[REDACTED]', 'password=[REDACTED]',
]; // prettier-ignore

/** What a value begins behind, each of whose readers looks ahead in its own way. */
const BEGINNINGS: readonly string[] = [
  'password: ', 'password=[', '"password": "', 'password: |\\n', '?token=', '--password ', 'Bearer ', 'cookie: ',
  'Authorization: ', 'machine a login b password ', 'curl -u ', 'mysql -p', '<password>', 'key received=',
]; // prettier-ignore

const fill = (unit: string, length: number): string =>
  unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** CPU time of this process in milliseconds: what others do on the machine does not count. */
function cost(text: string): number {
  const before = process.cpuUsage();
  redactor.text(text);
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1000;
}

// Four times the length: 4 where linear, 16 where quadratic. The floor covers the clock's grain and warm-up.
const expectLinear = (beginning: string, unit: string, length: number): void => {
  const small = Math.min(cost(beginning + fill(unit, length)), cost(beginning + fill(unit, length)));
  expect(cost(beginning + fill(unit, 4 * length))).toBeLessThan(10 * Math.max(small, 40));
};

test.each(UNITS)('linear on repetitions of %j', (unit) => {
  expectLinear('', unit, 1 << 18);
});

test.each(BEGINNINGS)('linear where %j is followed by repetitions', (beginning) => {
  for (const unit of ['\\', '\\"', '\t', '-', ',', '%25', "''", '\\n\t', '|\\n', '\u001B[1m']) {
    expectLinear(beginning, unit, 1 << 15);
  }
});

test('five megabytes with a secret at each end', () => {
  for (const unit of ['://a:b', '"password":', 'token=', '\\"', 'Bearer ']) {
    const text = `password=first1 ${fill(unit, 5 << 20)}" ' \n sk-ant-${'lastlast'.repeat(4)}`;
    const redacted = redactor.text(text);
    expect(redacted.includes('first1')).toBe(false);
    expect(redacted.includes('lastlast')).toBe(false);
    expect(redactor.truncate(text, 1000).length).toBeLessThanOrEqual(1000);
  }
});
