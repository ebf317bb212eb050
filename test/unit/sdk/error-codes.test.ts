import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Diagnosis, diagnose } from '../../../src/diagnosis/index.ts';

const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));

/** What applications call, as opposed to what manages their organization. */
const OF_APPLICATIONS = /^(?:beta\/)?(?:completions|files|messages|models|skills)\b.*\.d\.ts$/;

const TYPE_OF_STATUS: Readonly<Record<string, string>> = {
  400: 'invalid_request_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  412: 'invalid_request_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'api_error',
  529: 'overloaded_error',
};

interface ErrorCode {
  readonly status: string;
  readonly code: string;
  readonly className: string;
}

/** The error codes that the newest SDK has a class for, with the status that each comes with. */
async function codesOfSdk(): Promise<ErrorCode[]> {
  const module = (await import(pathToFileURL(join(sdk, 'core/error-classes.mjs')).href)) as {
    ERROR_CODE_CLASSES: ReadonlyMap<string, { readonly _errorName: string }>;
  };
  return Array.from(module.ERROR_CODE_CLASSES, ([key, { _errorName: className }]) => {
    const [status = '', code = ''] = key.split(' ');
    return { status, code, className };
  });
}

/** The classes that the methods of applications are documented to throw. */
function thrownAtApplications(): Set<string> {
  const resources = join(sdk, 'resources');
  const files = readdirSync(resources, { recursive: true, encoding: 'utf8' }).filter((name) =>
    OF_APPLICATIONS.test(name),
  );
  const sources = files.map((name) => readFileSync(join(resources, name), 'utf8'));
  return new Set(
    sources.flatMap((source) => [...source.matchAll(/@throws \{(\w+)\}/g)].map(([, name = '']) => name)),
  );
}

/** The verdict on the code alone: the message is none that a row knows. */
function verdictOn({ status, code }: ErrorCode): Diagnosis {
  const error = { type: TYPE_OF_STATUS[status], message: 'Refused.', details: { error_code: code } };
  return diagnose({ status: Number(status), body: { type: 'error', error } });
}

const codes = await codesOfSdk();

describe('the newest SDK’s error codes', () => {
  it('are all read, with statuses of known types', () => {
    expect(codes.length).toBeGreaterThan(120);
    expect(codes.filter((one) => verdictOn(one).code !== one.code)).toEqual([]);
    expect(codes.filter(({ status }) => TYPE_OF_STATUS[status] === undefined)).toEqual([]);
  });

  it('that applications meet have a hint, where their class does not say it all', () => {
    const thrown = thrownAtApplications();
    expect(thrown.size).toBeGreaterThan(25);
    const met = codes.filter(({ className }) => thrown.has(className));
    expect(met.length).toBe(thrown.size);
    expect(met.filter((one) => verdictOn(one).hint === 'unknown').map(({ code }) => code)).toEqual([]);
  });

  it.each<[string, Diagnosis['kind'], Diagnosis['hint'], Diagnosis['retryable']]>([
    ['approval_required', 'permission', 'approval_missing', false],
    ['cmek_not_approved', 'permission', 'approval_missing', false],
    ['grant_required', 'permission', 'approval_missing', false],
    ['storage_not_approved', 'permission', 'approval_missing', false],
    ['organization_not_eligible', 'permission', 'organization_unsupported', false],
    ['workspace_human_review_disabled', 'permission', 'human_review', false],
    ['cmek_key_disabled', 'permission', 'encryption_key', false],
    ['skill_read_blocked_undecryptable', 'conflict', 'encryption_key', undefined],
    ['user_profile_required', 'invalid_request', 'user_profile', false],
    ['user_profile_not_found', 'invalid_request', 'user_profile', false],
    ['storage_profile_mismatch', 'invalid_request', 'user_profile', false],
    ['storage_quota_exceeded', 'invalid_request', 'file_storage', false],
    ['file_not_downloadable', 'invalid_request', 'file_not_downloadable', false],
    ['storage_verification_failed', 'invalid_request', 'data_settings', false],
    ['external_storage_in_use', 'invalid_request', 'data_settings', false],
    ['human_review_not_available', 'invalid_request', 'data_settings', false],
    ['region_not_supported', 'invalid_request', 'data_settings', false],
    ['gcp_project_controlled_by_another_organization', 'conflict', 'data_settings', undefined],
    ['storage_already_registered', 'conflict', 'name_taken', false],
    ['storage_in_use', 'conflict', 'name_taken', false],
    ['plugin_name_taken', 'conflict', 'name_taken', false],
    ['storage_changed_concurrently', 'conflict', undefined, true],
    ['workspace_changed_concurrently', 'conflict', undefined, true],
    ['storage_attached_during_archive', 'conflict', 'partly_done', false],
    ['workspace_created_incomplete', 'api_error', 'partly_done', false],
    ['change_outcome_unknown', 'api_error', 'partly_done', true],
    ['authorization_check_unavailable', 'api_error', undefined, true],
  ])('%s is %s, with the hint %s; whether a retry can help: %s', (code, kind, hint, retryable) => {
    const found = codes.filter((one) => one.code === code).map(verdictOn);
    expect(found.map((one) => [one.kind, one.hint, one.retryable])).toEqual([[kind, hint, retryable]]);
  });
});
