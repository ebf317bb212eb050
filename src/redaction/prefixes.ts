/** Tokens that carry a prefix by which their service can be told. */
import { COLOUR } from './readers.ts';

interface PrefixedToken {
  readonly service: string;
  /**
   * Literal beginnings. Their lower-case forms are the hints of the rule: each, and above all the last three characters
   * of it, must be rare in other texts.
   */
  readonly prefixes: readonly string[];
  /** A pattern of what stands before the prefix and belongs to the token. */
  readonly before?: string;
  /** A class of characters that, right before the prefix, make it the end of another word. */
  readonly notAfter?: string;
  /** A pattern of what follows the prefix; without it, {@link ANY_BODY}. */
  readonly body?: string;
}

/** What most tokens go on with: no words of lower-case letters, which names of variables and packages are made of. */
const ANY_BODY = '(?![a-z]+_)(?=[\\w=-]{0,63}[A-Z\\d])[\\w=-]{20,}';
/** Base64 of either alphabet, also percent-encoded. */
export const BASE64_CHARACTER = '(?:[\\w+/=-]|%(?:25){0,2}(?:2[BbFf]|3[Dd]))';
/** What those go on with in which an underscore may follow a few small letters. */
const BASE64_URL = '(?=[\\w=-]{0,63}[A-Z])[\\w=-]{20,}';
const BASE64 = `${BASE64_CHARACTER}{20,}`;
const UUID = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';

const TOKENS: readonly PrefixedToken[] = [
  {
    service: 'GitHub',
    prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    body: '\\w{16,}(?:\\.[\\w-]{8,}){0,2}',
  },
  {
    service: 'GitLab',
    prefixes: [
      'glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glsoat-', 'glimt-', 'glagent-', 'glft-', 'gloas-', 'glffct-',
    ],
    body: '[\\w=-]{20,}(?:\\.[\\da-z]{2}\\.[\\da-z]{9})?',
  }, // prettier-ignore
  {
    service: 'Stripe',
    prefixes: ['sk_live_', 'rk_live_', 'sk_test_', 'rk_test_', 'sk_org_'],
    body: '\\w{8,}',
  },
  { service: 'Stripe', prefixes: ['whsec_'], body: `${BASE64_CHARACTER}{8,}` },
  { service: 'Stripe', before: '(?:pi|seti)_[A-Za-z\\d]{8,64}', prefixes: ['_secret_'], body: '\\w{8,}' },
  { service: 'Anyscale', prefixes: ['esecret_'] },
  { service: 'Apify', prefixes: ['apify_api_'] },
  { service: 'Artifactory', prefixes: ['AKCp', 'cmVmdGtuOj'], body: '\\w{50,}' },
  { service: 'Atlassian', prefixes: ['ATATT3', 'ATCTT3', 'ATBB'] },
  { service: 'Axiom', prefixes: ['xaat-', 'xapt-'] },
  { service: 'Buildkite', prefixes: ['bkua_'] },
  { service: 'Cerebras', prefixes: ['csk-'] },
  { service: 'CircleCI', prefixes: ['CCIPAT_', 'CCIPRJ_'] },
  { service: 'Cloudflare', prefixes: ['cfut_', 'cfat_', 'cfk_'] },
  { service: 'Contentful', prefixes: ['CFPAT-'] },
  { service: 'Coralogix', prefixes: ['cxtp_', 'cxup_'] },
  { service: 'Databricks', prefixes: ['dapi', 'dose'], body: '[\\da-f]{32}(?:-\\d)?' },
  { service: 'Datadog', prefixes: ['ddpat_', 'ddsat_'] },
  { service: 'DigitalOcean', prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'] },
  { service: 'Docker', prefixes: ['dckr_pat_', 'dckr_oat_'], body: BASE64_URL },
  { service: 'Docker', prefixes: ['eyJhdXRocyI6'], body: '[\\w+/=-]{16,}' },
  { service: 'Doppler', prefixes: ['dp.'], body: '(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{32,}' },
  { service: 'Dynatrace', prefixes: ['dt0c', 'dt0s'], body: '\\d{2}\\.[A-Za-z\\d]{4,64}\\.[A-Za-z\\d]{20,}' },
  { service: 'E2B', prefixes: ['e2b_'] },
  { service: 'Elastic', prefixes: ['essu_'], body: BASE64 },
  { service: 'ElevenLabs', notAfter: '[A-Za-z\\d]', prefixes: ['sk_'], body: '[\\da-f]{48}' },
  { service: 'Figma', prefixes: ['figd_', 'figp_', 'figu_', 'figo_'], body: BASE64_URL },
  { service: 'Firecrawl', notAfter: '[\\w-]', prefixes: ['fc-'], body: '[\\da-f]{32}(?![\\w-])' },
  {
    service: 'Fireworks',
    prefixes: ['fw_'],
    body: '(?=[A-Za-z]{0,23}\\d+[A-Za-z]{1,23}\\d)[A-Za-z\\d]{22,}',
  },
  { service: 'Fly', notAfter: '[A-Za-z\\d]', prefixes: ['fm2_', 'fo1_'], body: '[\\w+/=-]{32,}' },
  { service: 'Grafana', prefixes: ['glsa_'] },
  { service: 'Grafana', prefixes: ['glc_', 'eyJrIjoi'], body: BASE64 },
  { service: 'Groq', prefixes: ['gsk_'] },
  { service: 'Heroku', prefixes: ['HRKU-'] },
  {
    service: 'Honeycomb',
    prefixes: ['hcaik_', 'hcbik_', 'hcxik_', 'hcaic_', 'hcbic_', 'hcxic_', 'hcamk_', 'hcbmk_', 'hcxmk_'],
  },
  { service: 'HubSpot', prefixes: ['pat-na1-', 'pat-eu1-'], body: UUID },
  { service: 'Hugging Face', prefixes: ['hf_', 'api_org_'] },
  { service: 'Jina', prefixes: ['jina_'] },
  { service: 'LangSmith', prefixes: ['lsv2_pt_', 'lsv2_sk_'] },
  { service: 'LangSmith', notAfter: '[A-Za-z\\d]', prefixes: ['ls__'] },
  { service: 'LaunchDarkly', notAfter: '[\\w-]', prefixes: ['sdk-'], body: UUID },
  { service: 'Linear', prefixes: ['lin_api_', 'lin_oauth_'] },
  { service: 'LlamaCloud', prefixes: ['llx-'] },
  { service: 'Logfire', prefixes: ['pylf_v'], body: '\\d_[a-z]{2,8}_\\w{20,}' },
  { service: 'Mailgun', notAfter: '[\\w-]', prefixes: ['key-'], body: '[\\da-f]{32}(?!\\w)' },
  { service: 'Mapbox', prefixes: ['sk.eyJ'], body: '[\\w-]{16,}\\.[\\w-]{16,}' },
  { service: 'MongoDB', prefixes: ['mdb_sa_sk_'], body: BASE64_URL },
  { service: 'Neon', prefixes: ['napi_'], body: '[a-z\\d]{40,}' },
  { service: 'Netlify', prefixes: ['nfp_'] },
  { service: 'New Relic', prefixes: ['NRAK-', 'NRII-', 'NRIQ-', 'NRJS-'], body: '[\\w-]{19,}' },
  { service: 'New Relic', before: '(?:eu01xx[\\da-f]{26}|[\\da-f]{32})', prefixes: ['FFFFN'], body: 'RAL' },
  { service: 'Notion', prefixes: ['ntn_'] },
  { service: 'Notion', prefixes: ['secret_'], body: '[A-Za-z\\d]{43,}' },
  { service: 'npm', prefixes: ['npm_'] },
  { service: 'NVIDIA', prefixes: ['nvapi-'], body: BASE64_URL },
  { service: '1Password', prefixes: ['ops_eyJ'] },
  { service: 'PayPal', prefixes: ['access_token$'], body: '(?:production|sandbox)\\$\\w{8,}\\$\\w{16,}' },
  { service: 'Perplexity', prefixes: ['pplx-'] },
  { service: 'Pinecone', prefixes: ['pcsk_'], body: BASE64_URL },
  {
    service: 'Plaid',
    prefixes: ['access-sandbox-', 'access-production-', 'access-development-'],
    body: UUID,
  },
  { service: 'PlanetScale', prefixes: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'], body: BASE64_URL },
  { service: 'PostHog', prefixes: ['phx_'], body: '[A-Za-z\\d]{43,}' },
  { service: 'Postman', prefixes: ['PMAK-'] },
  { service: 'Pulumi', prefixes: ['pul-'], body: '[\\da-f]{40}' },
  { service: 'PyPI', prefixes: ['pypi-'], body: 'AgE[\\w-]{20,}' },
  { service: 'Replicate', prefixes: ['r8_'], body: BASE64_URL },
  { service: 'RubyGems', prefixes: ['rubygems_'] },
  { service: 'RunPod', prefixes: ['rpa_'], body: '[A-Za-z\\d]{40,}' },
  { service: 'SendGrid', prefixes: ['SG.'], body: '[\\w-]{16,64}\\.[\\w-]{20,}' },
  { service: 'Sentry', prefixes: ['sntrys_', 'sntryu_', 'sntrya_', 'sntryi_'], body: BASE64 },
  { service: 'Shopify', prefixes: ['shpat_', 'shpss_', 'shpca_', 'shppa_'] },
  { service: 'SonarQube', prefixes: ['squ_', 'sqp_', 'sqa_'], body: '[\\da-f]{40}' },
  { service: 'Sourcegraph', prefixes: ['sgp_'], body: '(?:[\\da-f]{16}_|local_)?[\\da-f]{40}' },
  { service: 'Square', prefixes: ['sq0atp-', 'sq0csp-'] },
  { service: 'Supabase', prefixes: ['sbp_', 'sbp_oauth_'] },
  { service: 'Supabase', prefixes: ['sb_secret_'], body: BASE64_URL },
  { service: 'Tailscale', prefixes: ['tskey-'], body: '[a-z]{2,16}-[\\w-]{20,}' },
  { service: 'Tavily', prefixes: ['tvly-'] },
  {
    service: 'Telegram',
    before: '\\d{8,12}',
    prefixes: [':AA', '%3AAA', '%3aAA', '%253AAA', '%253aAA'],
    body: '[\\w-]{30,}',
  },
  { service: 'Terraform Cloud', prefixes: ['.atlasv'], body: '1\\.[\\w-]{40,}' },
  { service: 'Together', prefixes: ['tgp_v1_'], body: BASE64_URL },
  { service: 'Typeform', prefixes: ['tfp_'], body: '(?=[\\w=-]{0,63}\\d)[\\w=-]{40,}' },
  { service: 'Vault', prefixes: ['hvs.', 'hvb.', 'hvr.'], body: BASE64_URL },
  { service: 'Vercel', prefixes: ['vercel_blob_rw_', 'vck_', 'vcp_', 'vci_', 'vca_', 'vcr_'] },
  {
    service: 'Voyage',
    notAfter: '[\\w-]',
    prefixes: ['pa-'],
    body: '(?=[\\w-]{0,42}[A-Z])(?=[\\w-]{0,42}\\d)[\\w-]{43}(?![\\w-])',
  },
  { service: 'Weights & Biases', prefixes: ['wandb_v1_'], body: BASE64_URL },
  { service: 'xAI', prefixes: ['xai-'], body: BASE64_URL },
];

const literal = (text: string): string => text.replaceAll(/[$.]/g, '\\$&');

/**
 * What stands for another character, or a colour, before a token, though it ends with a letter or a digit. Some logs
 * leave of a colour what is behind its first character.
 */
const ESCAPED = `(?:%[\\dA-Fa-f]{2}|\\\\[nrt]|${COLOUR}|(?:\\[|%(?:25)?5[Bb])\\d(?:[\\d;:]|%(?:25)?3[ABab]){0,23}m)`;

/** A token's beginning where it is not, behind one of `notAfter`, the end of another word. */
export function startingWith(prefix: string, notAfter: string): string {
  // Behind the prefix, where it is looked back from only where there is one.
  return `${prefix}(?:(?<!${notAfter}${prefix})|(?<=${ESCAPED}${prefix}))`;
}

function tokenSource({ before = '', notAfter, prefixes, body = ANY_BODY }: PrefixedToken): string {
  const prefix = `(?:${prefixes.map(literal).join('|')})`;
  return before + (notAfter === undefined ? prefix : startingWith(prefix, notAfter)) + body;
}

/** The pattern of all these tokens. */
export const PREFIXED_TOKEN = TOKENS.map(tokenSource).join('|');

/** Lower-case substrings, at least one of which is in every one of these tokens. */
export const PREFIX_HINTS: readonly string[] = TOKENS.flatMap(({ prefixes }) => prefixes).map((prefix) =>
  prefix.toLowerCase(),
);

/** Whose tokens these are, for the documentation. */
export const PREFIX_SERVICES: readonly string[] = [...new Set(TOKENS.map(({ service }) => service))];
