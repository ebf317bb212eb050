import { describe, expect, it } from 'vitest';
import {
  type Diagnosis,
  type FailureFacts,
  type HintId,
  diagnose,
  failureFacts,
} from '../../../src/diagnosis/index.ts';

/** The API's envelope. */
function api(status: number, type: string, message: string, details?: object): FailureFacts {
  return {
    status,
    body: { type: 'error', error: { type, message, details }, request_id: 'req_011Cabcdefgh' },
  };
}

const bad = (message: string, details?: object) => api(400, 'invalid_request_error', message, details);
const limited = (message: string, details?: object) => api(429, 'rate_limit_error', message, details);

type Expected = { readonly [K in keyof Diagnosis]?: Diagnosis[K] | undefined };

/** A refusal, the verdict's parts that it is about. Absent parts must be absent where `undefined` is written. */
type Case = readonly [name: string, facts: FailureFacts, expected: Expected];

const LIMITS: readonly Case[] = [
  [
    'requests, another number and model',
    limited(
      "This request would exceed your organization's rate limit of 4,000 requests per minute (org: 5f0d, model: claude-next-9). Try again later. Please reduce the prompt length or purchase credits.",
    ),
    { kind: 'rate_limit', cause: 'requests', hint: undefined, retryable: true },
  ],
  [
    'requests of 2024',
    limited('Number of requests has exceeded your per-minute rate limit (https://docs.example/rate-limits).'),
    { cause: 'requests', retryable: true },
  ],
  [
    'requests of 2024, by the day',
    limited('Number of requests has exceeded your daily rate limit.'),
    { cause: 'requests', hint: 'daily_limit' },
  ],
  [
    'output tokens of 2025',
    limited(
      'This request would exceed the rate limit for your organization (11111111-2222-3333-4444-555555555555) of 90,000 output tokens per minute.',
    ),
    { cause: 'output_tokens' },
  ],
  [
    'fast mode output tokens',
    limited('This request would exceed your rate limit of 10,000 fast mode output tokens per minute.'),
    { cause: 'output_tokens', retryable: true },
  ],
  [
    'zero limit without fast mode',
    limited(
      "This request would exceed your organization's rate limit of 0 input tokens per minute (org: x).",
    ),
    { cause: 'input_tokens', hint: 'zero_limit', retryable: false },
  ],
  [
    'spend by a code that no hint knows',
    limited('x', { error_code: 'workspace_spend_limit_new' }),
    { kind: 'rate_limit', cause: 'spend', hint: undefined, retryable: false },
  ],
  [
    'acceleration by code, with a text of tokens',
    limited('Slow down: of 10,000 input tokens per minute', { error_code: 'ramp_limit_exceeded' }),
    { cause: 'acceleration', code: 'ramp_limit_exceeded', retryable: true },
  ],
  [
    'tier cap by code, reworded',
    limited('Monthly threshold crossed.', { error_code: 'enforced_spend_limit_reached' }),
    { cause: 'spend', hint: 'enforced_spend_limit_reached', retryable: false },
  ],
  [
    'contract limit by code',
    limited('No.', { error_code: 'contract_spend_limit_reached' }),
    { cause: 'spend', hint: 'contract_spend_limit_reached', retryable: false },
  ],
  [
    'entitlement, another feature',
    limited('Usage credits are required for 1M context requests.'),
    { cause: 'spend', hint: 'entitlement', retryable: false },
  ],
  [
    'plan window',
    limited("This request would exceed your account's rate limit. Please try again later."),
    { cause: 'unknown', hint: 'plan_window', retryable: true },
  ],
  [
    'unknown text, with a header at zero',
    {
      ...limited('Please slow down.'),
      headers: new Headers({
        'anthropic-ratelimit-requests-remaining': '12',
        'anthropic-ratelimit-output-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-remaining': '0',
      }),
    },
    { cause: 'output_tokens', retryable: true },
  ],
  [
    'no body, header of requests at zero',
    { status: 429, headers: new Headers({ 'anthropic-ratelimit-requests-remaining': '0' }) },
    { kind: 'rate_limit', errorType: 'rate_limit_error', cause: 'requests', hint: undefined },
  ],
  [
    'no body, no header',
    { status: 429 },
    { kind: 'rate_limit', errorType: 'rate_limit_error', cause: 'unknown', hint: undefined },
  ],
  [
    'the server knows better',
    { ...limited('Please slow down.'), headers: new Headers({ 'x-should-retry': 'false' }) },
    { cause: 'unknown', retryable: false },
  ],
  [
    'Bedrock, requests',
    {
      status: 429,
      body: { message: 'Too many requests, please wait before trying again.' },
      headers: new Headers({ 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/' }),
    },
    { errorType: 'ThrottlingException', cause: 'requests', hint: 'bedrock', retryable: true },
  ],
  [
    'Bedrock, tokens of the day',
    { status: 429, message: '429 Too many tokens per day, please wait before trying again.' },
    { cause: 'tokens', hint: 'daily_limit' },
  ],
  [
    'Vertex, output tokens, in a list',
    {
      status: 429,
      body: [
        {
          error: {
            code: 429,
            message:
              'Quota exceeded for aiplatform.googleapis.com/online_prediction_output_tokens_per_minute_per_base_model with base model: anthropic-claude-x.',
            status: 'RESOURCE_EXHAUSTED',
          },
        },
      ],
    },
    { errorType: 'RESOURCE_EXHAUSTED', cause: 'output_tokens', hint: 'vertex_quota', retryable: undefined },
  ],
  [
    'Vertex, requests',
    {
      status: 429,
      body: '{"error":{"code":429,"message":"Quota exceeded for aiplatform.googleapis.com/online_prediction_requests_per_base_model with base model: y.","status":"RESOURCE_EXHAUSTED"}}',
    },
    { cause: 'requests', hint: 'vertex_quota' },
  ],
  [
    'Cloudflare’s own limit',
    { status: 429, body: 'error code: 1015' },
    { kind: 'rate_limit', cause: 'unknown', hint: 'edge_rate_limit' },
  ],
  [
    'LiteLLM budget',
    {
      status: 400,
      body: {
        error: {
          message: 'Budget has been exceeded! Current cost: 10.1, Max budget: 10.0',
          type: 'budget_exceeded',
          param: 'None',
          code: '400',
        },
      },
    },
    { kind: 'billing', cause: 'spend', hint: 'gateway_spend_cap', retryable: false },
  ],
  [
    'own limit of the organization, 400',
    bad(
      'You have reached your specified API usage limits. You will regain access on 2027-01-01 at 00:00 UTC.',
    ),
    { kind: 'billing', cause: 'spend', hint: 'org_spend_limit', retryable: false },
  ],
  [
    'credit balance, newer wording',
    bad('Your credit balance is too low to access the Claude API. Please visit Plans & Billing.'),
    { kind: 'billing', hint: 'credit_balance', retryable: false, cause: undefined },
  ],
  [
    'OpenRouter without credits',
    {
      status: 402,
      body: { error: { message: 'Insufficient credits. Add more using the settings page', code: 402 } },
    },
    { kind: 'billing', hint: 'payment', retryable: false },
  ],
  [
    'linked organization',
    api(402, 'billing_error', 'Cannot bill.', { error_code: 'linked_organization_billing_unavailable' }),
    { kind: 'billing', hint: 'payment', code: 'linked_organization_billing_unavailable' },
  ],
  [
    'mid-stream rate limit',
    {
      status: 200,
      ...bodyOnly(limited('This request would exceed your rate limit of 5 requests per minute.')),
      error: new Error('x'),
    },
    { kind: 'rate_limit', cause: 'requests', hint: 'mid_stream' },
  ],
  [
    'a line of a log without status',
    { message: "ERROR This request would exceed your organization's rate limit of 50 requests per minute" },
    { kind: 'rate_limit', cause: 'requests' },
  ],
];

function bodyOnly({ body }: FailureFacts): FailureFacts {
  return { body };
}

const REQUESTS: readonly Case[] = [
  [
    'missing field elsewhere',
    bad('messages.0.content.1.source: Field required'),
    { hint: 'missing_field', field: 'messages.0.content.1.source', retryable: false },
  ],
  [
    'missing model',
    bad('model: Field required'),
    { kind: 'invalid_request', hint: 'missing_field', field: 'model' },
  ],
  [
    'max_tokens of an old model',
    bad(
      'max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-opus-20240229',
    ),
    { hint: 'max_tokens_above_limit', field: 'max_tokens' },
  ],
  [
    'budget above max_tokens',
    bad('`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation.'),
    { hint: 'thinking_budget', field: 'max_tokens' },
  ],
  [
    'prompt of a million',
    bad('prompt is too long: 1000231 tokens > 1000000 maximum'),
    { hint: 'prompt_too_long', field: 'messages' },
  ],
  [
    '413 that counts tokens',
    api(413, 'invalid_request_error', 'Request size exceeds model context window'),
    { hint: 'prompt_too_long', retryable: false },
  ],
  [
    'Bedrock input too long',
    { status: 400, body: { message: 'Input is too long for requested model.' } },
    { hint: 'prompt_too_long' },
  ],
  [
    'non-empty content',
    bad(
      'messages.3: all messages must have non-empty content except for the optional final assistant message',
    ),
    { hint: 'empty_message', field: 'messages.3' },
  ],
  [
    'empty system',
    bad('system: text content blocks must be non-empty'),
    { hint: 'empty_message', field: 'system' },
  ],
  [
    'blank at the end',
    bad('messages: final assistant content cannot end with trailing whitespace'),
    { hint: 'trailing_whitespace', field: 'messages' },
  ],
  [
    'prefill in another wording',
    bad('Prefilling assistant messages is not supported for this model.'),
    { hint: 'prefill_unsupported', field: 'messages' },
  ],
  [
    'tool results too many',
    bad(
      'messages.4.content.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_01AAAA. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    ),
    { hint: 'tool_pairing', field: 'messages.4.content.1' },
  ],
  [
    'Bedrock Converse pairs',
    {
      status: 400,
      body: {
        message:
          'The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous turn.',
      },
    },
    { hint: 'tool_pairing' },
  ],
  [
    'schema with oneOf',
    bad('tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level'),
    { hint: 'tool_schema', field: 'tools.0.custom.input_schema' },
  ],
  [
    'tool name',
    bad("tools.12.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
    { hint: 'tool_name', field: 'tools.12.custom.name' },
  ],
  [
    'tool names through the API',
    bad('tools: Tool names must be unique.'),
    { hint: 'duplicate_tool_names', field: 'tools' },
  ],
  [
    'tool conflict by code',
    bad('Conflict.', { error_code: 'tool_name_conflict' }),
    { hint: 'duplicate_tool_names', code: 'tool_name_conflict' },
  ],
  [
    'thinking changed',
    bad(
      'messages.5.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.',
    ),
    { hint: 'thinking_modified', field: 'messages.5.content.1' },
  ],
  [
    'redacted thinking expected',
    bad('messages.11.content.0.type: Expected `thinking` or `redacted_thinking`, but found `image`.'),
    { hint: 'thinking_pairing', field: 'messages.11.content.0.type' },
  ],
  [
    'signature missing',
    bad('messages.1.content.0.thinking.signature: Field required'),
    { hint: 'thinking_signature', field: 'messages.1.content.0.thinking.signature' },
  ],
  [
    'two parameters',
    bad('`temperature` and `top_p` cannot both be specified for this model. Please use only one.'),
    { hint: 'unsupported_parameter', field: 'temperature' },
  ],
  [
    'parameter of another API',
    bad('reasoning_effort: Extra inputs are not permitted'),
    { hint: 'unsupported_parameter', field: 'reasoning_effort' },
  ],
  ['effort', bad('This model does not support the effort parameter.'), { hint: 'unsupported_parameter' }],
  [
    'Bedrock extra key',
    {
      status: 400,
      body: {
        message:
          'Malformed input request: #: extraneous key [foo] is not permitted, please reformat your input and try again.',
      },
    },
    { hint: 'unsupported_parameter' },
  ],
  [
    'larger image limit',
    bad(
      'messages.0.content.2.image.source.base64: image exceeds 10 MB maximum: 11000000 bytes > 10485760 bytes',
    ),
    { hint: 'image_too_large', field: 'messages.0.content.2.image.source.base64' },
  ],
  [
    'image by code',
    bad('Too big.', {
      error_code: 'image_dimensions_too_large',
      paths: ['messages.0'],
      max_side_length_pixels: 8000,
    }),
    { hint: 'image_dimensions', code: 'image_dimensions_too_large' },
  ],
  ['pages', bad('A maximum of 100 PDF pages may be provided.'), { hint: 'pdf_pages' }],
  [
    'password',
    bad('messages.0.content.0.pdf.source.base64.data: The PDF specified is password protected.'),
    { hint: 'pdf_invalid' },
  ],
  [
    'cache breakpoints',
    bad('A maximum of 4 blocks with cache_control may be provided. Found 5.'),
    { hint: 'cache_control' },
  ],
  [
    'two betas',
    bad(
      'Unexpected value(s) `context-1m-2025-08-07`, `foo-bar-1` for the `anthropic-beta` header. Please consult our documentation.',
    ),
    { hint: 'invalid_beta', field: 'anthropic-beta' },
  ],
  [
    'version header',
    bad('anthropic-version: header is required'),
    { hint: 'missing_version', field: 'anthropic-version' },
  ],
  [
    'body',
    bad('The request body is not valid JSON: no low surrogate in string: line 1 column 9 (char 8)'),
    { hint: 'invalid_json' },
  ],
  [
    'value out of range',
    bad('temperature: Input should be less than or equal to 1'),
    { hint: 'invalid_value', field: 'temperature' },
  ],
  [
    'value out of range, 2024',
    bad('temperature: range: 0..1'),
    { hint: 'invalid_value', field: 'temperature' },
  ],
  [
    'tool that is not there',
    bad("tool_choice.name: tool 'x' not found in provided tools"),
    { hint: 'tool_choice', field: 'tool_choice.name' },
  ],
  [
    'retention',
    bad('Batch is not available to organizations without data retention enabled.'),
    { kind: 'permission', hint: 'data_retention' },
  ],
  [
    'filter, reworded',
    bad('Output blocked by content filter'),
    { kind: 'content_filter', hint: 'content_filter' },
  ],
  [
    'another model',
    api(404, 'not_found_error', 'model: claude-sonnet-99'),
    { kind: 'not_found', hint: 'unknown_model', field: 'model' },
  ],
  [
    'withdrawn',
    api(404, 'not_found_error', 'Claude Opus 9.1 is not available. Please use another.'),
    { hint: 'model_unavailable', field: 'model' },
  ],
  [
    'retired on Bedrock',
    {
      status: 404,
      message:
        '404 This model version has reached the end of its life. Please refer to the AWS documentation.',
    },
    { kind: 'not_found', hint: 'model_unavailable' },
  ],
  [
    'wrong model ID on Bedrock',
    { status: 400, body: { message: 'The provided model identifier is invalid.' } },
    { kind: 'invalid_request', hint: 'unknown_model', field: 'model' },
  ],
  [
    'route of a framework',
    { status: 404, body: { detail: 'Not Found' } },
    { kind: 'not_found', hint: 'unknown_route' },
  ],
  [
    'route of a web server',
    { status: 404, body: '<html><head><title>404 Not Found</title></head></html>' },
    { kind: 'not_found', hint: 'unknown_route' },
  ],
  [
    'route of Express',
    { status: 404, body: '<pre>Cannot POST /v1/v1/messages</pre>' },
    { hint: 'unknown_route' },
  ],
  [
    'body of a web server',
    { status: 413, body: '<html>\r\n<head><title>413 Request Entity Too Large</title></head></html>' },
    { kind: 'request_too_large', hint: 'body_bytes' },
  ],
  [
    'LiteLLM with a text in front',
    {
      status: 400,
      message:
        'litellm.BadRequestError: AnthropicException - {"type":"error","error":{"type":"invalid_request_error","message":"messages.1.content.0: Invalid `signature` in `thinking` block"}}',
    },
    { hint: 'thinking_signature', errorType: 'invalid_request_error', field: undefined },
  ],
  [
    'a Python line',
    {
      message:
        "Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'max_tokens: Field required'}}",
    },
    {
      kind: 'invalid_request',
      hint: 'missing_max_tokens',
      field: 'max_tokens',
      errorType: 'invalid_request_error',
    },
  ],
  [
    'JSON that a log cut off',
    {
      message:
        '400 {"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 5 tok',
    },
    { kind: 'invalid_request', errorType: 'invalid_request_error' },
  ],
  [
    'a batch result',
    {
      body: {
        type: 'errored',
        error: {
          type: 'error',
          error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
          request_id: null,
        },
      },
    },
    { kind: 'invalid_request', hint: 'missing_max_tokens', errorType: 'invalid_request_error' },
  ],
];

const ACCESS: readonly Case[] = [
  [
    'bearer',
    api(401, 'authentication_error', 'Invalid bearer token'),
    { kind: 'authentication', hint: 'invalid_credentials' },
  ],
  [
    'OAuth unsupported',
    api(401, 'authentication_error', 'OAuth authentication is currently not supported.'),
    { hint: 'oauth_unsupported' },
  ],
  [
    'OAuth of Claude Code',
    bad(
      'This credential is only authorized for use with Claude Code and cannot be used for other API requests.',
    ),
    { hint: 'oauth_restricted', retryable: false },
  ],
  ['organization', bad('This organization has been disabled.'), { kind: 'permission', hint: 'org_disabled' }],
  [
    'organization by code',
    bad('x', { error_code: 'organization_on_hold' }),
    { hint: 'org_disabled', code: 'organization_on_hold' },
  ],
  [
    'blank around the key',
    {
      ...api(401, 'authentication_error', 'invalid x-api-key'),
      credential: { present: true, whitespace: true },
    },
    { hint: 'key_whitespace' },
  ],
  [
    'quoted key',
    { ...api(401, 'authentication_error', 'invalid x-api-key'), credential: { present: true, quotes: true } },
    { hint: 'quoted_key' },
  ],
  [
    'placeholder',
    {
      ...api(401, 'authentication_error', 'invalid x-api-key'),
      credential: { present: true, placeholder: true },
    },
    { hint: 'placeholder_key' },
  ],
  [
    'foreign key',
    {
      ...api(401, 'authentication_error', 'invalid x-api-key'),
      credential: { present: true, kind: 'other_provider' },
    },
    { hint: 'foreign_key' },
  ],
  [
    'admin key',
    { ...api(403, 'permission_error', 'No.'), credential: { present: true, kind: 'admin_key' } },
    { hint: 'admin_key' },
  ],
  [
    'OAuth token as key',
    {
      ...api(401, 'authentication_error', 'invalid x-api-key'),
      credential: { present: true, kind: 'oauth_token', header: 'x-api-key' },
    },
    { hint: 'oauth_token_as_key' },
  ],
  [
    'good shape, refused',
    {
      ...api(401, 'authentication_error', 'invalid x-api-key'),
      credential: { present: true, kind: 'api_key' },
    },
    { hint: 'invalid_key' },
  ],
  [
    'header stripped',
    { ...api(401, 'authentication_error', 'x-api-key header is required'), credential: { present: true } },
    { hint: 'key_stripped' },
  ],
  [
    'no key',
    { status: 401, credential: { present: false } },
    { kind: 'authentication', hint: 'missing_key' },
  ],
  [
    'scope',
    api(403, 'permission_error', 'OAuth token does not meet scope requirement org:create_api_key'),
    { hint: 'oauth_scope' },
  ],
  [
    'key scope',
    api(403, 'permission_error', 'x', { error_code: 'api_key_scope_missing' }),
    { hint: 'key_scope' },
  ],
  [
    'Bedrock policy',
    {
      status: 403,
      body: {
        message:
          'User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:InvokeModel on resource: y',
      },
      headers: new Headers({ 'x-amzn-errortype': 'AccessDeniedException' }),
    },
    { kind: 'permission', errorType: 'AccessDeniedException', hint: 'model_access' },
  ],
  [
    'Bedrock token',
    { status: 403, body: { message: 'The security token included in the request is expired' } },
    { kind: 'authentication', hint: 'token_expired' },
  ],
  [
    'Google token',
    {
      status: 401,
      body: {
        error: {
          code: 401,
          message: 'Request had invalid authentication credentials. Expected OAuth 2 access token.',
          status: 'UNAUTHENTICATED',
        },
      },
    },
    { kind: 'authentication', errorType: 'UNAUTHENTICATED', hint: 'invalid_credentials' },
  ],
  [
    'OpenAI-shaped gateway',
    {
      status: 401,
      body: {
        error: {
          message: 'Incorrect API key provided.',
          type: 'invalid_request_error',
          code: 'invalid_api_key',
        },
      },
    },
    { kind: 'authentication', hint: 'invalid_key', code: 'invalid_api_key' },
  ],
  [
    'challenge',
    {
      status: 403,
      body: '<!DOCTYPE html><title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1>',
    },
    { kind: 'gateway', hint: 'cloudflare_blocked' },
  ],
  [
    'proxy of a company',
    { status: 403, body: '<html><title>Zscaler: Access denied</title></html>' },
    { kind: 'gateway', hint: 'corporate_proxy', retryable: false },
  ],
];

const SERVER: readonly Case[] = [
  [
    'plain 500',
    api(500, 'api_error', 'Internal server error'),
    { kind: 'api_error', hint: undefined, retryable: true },
  ],
  [
    '500 unread',
    { status: 500 },
    { kind: 'api_error', errorType: 'api_error', hint: undefined, retryable: true },
  ],
  ['529 unread', { status: 529 }, { kind: 'overloaded', errorType: 'overloaded_error', retryable: true }],
  [
    '504 of the API',
    api(504, 'timeout_error', 'Request timed out.'),
    { kind: 'timeout', errorType: 'timeout_error', retryable: true },
  ],
  ['409', api(409, 'conflict_error', 'Conflict'), { kind: 'conflict', retryable: true }],
  [
    '409 of a memory that has changed',
    api(409, 'memory_precondition_failed_error', 'The content has changed.'),
    { kind: 'conflict', hint: 'memory_changed', retryable: false },
  ],
  [
    '409 of a memory whose path is taken',
    api(409, 'memory_path_conflict_error', 'The path is in use.'),
    { kind: 'conflict', hint: 'memory_path_taken', retryable: undefined },
  ],
  [
    'nginx',
    {
      status: 502,
      body: '<html><head><title>502 Bad Gateway</title></head><hr><center>nginx/1.25</center></html>',
    },
    { kind: 'gateway', hint: 'gateway_unavailable', errorType: undefined, retryable: true },
  ],
  [
    'Cloudflare 504',
    {
      status: 504,
      body: '<html><head><title>504 Gateway Time-out</title></head><hr><center>cloudflare</center></html>',
    },
    { kind: 'gateway', hint: 'cloudflare_504' },
  ],
  ['Cloudflare in a line', { status: 502, body: 'error code: 502' }, { hint: 'cloudflare_502' }],
  [
    'Cloudflare 521',
    { status: 521, body: '<!DOCTYPE html><title>api | 521: Web server is down</title>' },
    { hint: 'cloudflare_521' },
  ],
  [
    'Cloudflare 529 is the API',
    {
      status: 529,
      message: '529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    },
    { kind: 'overloaded', errorType: 'overloaded_error' },
  ],
  [
    'Envoy, another reason',
    {
      status: 503,
      body: 'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection timeout',
    },
    { kind: 'gateway', hint: 'envoy_503', retryable: true },
  ],
  [
    'load balancer',
    { status: 504, body: 'upstream request timeout' },
    { kind: 'gateway', hint: 'gateway_timeout' },
  ],
  [
    'own gateway',
    { status: 500, body: { detail: 'Internal Server Error' } },
    { kind: 'gateway', hint: 'gateway_internal' },
  ],
  [
    'one word',
    { status: 500, body: 'Internal Server Error' },
    { kind: 'gateway', hint: 'gateway_internal', errorType: undefined },
  ],
  [
    'Google 500',
    {
      status: 500,
      body: [{ error: { code: 500, message: 'Internal error encountered.', status: 'INTERNAL' } }],
    },
    { kind: 'api_error', errorType: 'INTERNAL', retryable: true },
  ],
  [
    'key management',
    api(503, 'api_error', 'x', { error_code: 'cmek_key_unreachable' }),
    { kind: 'api_error', hint: 'encryption_key', retryable: true },
  ],
  [
    'compaction',
    api(529, 'overloaded_error', 'x', { error_code: 'compaction_unavailable' }),
    { kind: 'overloaded', hint: 'compaction', retryable: true },
  ],
  [
    'event in a stream, as text',
    {
      status: 200,
      body: 'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"Internal server error"}}\n\n',
    },
    { kind: 'api_error', hint: 'mid_stream', errorType: 'api_error' },
  ],
  [
    'stream without its end',
    { status: 200, body: 'event: message_start\ndata: {"type":"message_start","message":{}}\n\n' },
    { kind: 'bad_response', hint: 'truncated_stream' },
  ],
  [
    'page in place of an answer',
    { status: 200, body: '<!DOCTYPE html><title>Sign in</title>' },
    { kind: 'bad_response', hint: 'bad_body' },
  ],
  [
    'result that is an error',
    { status: 200, body: { type: 'error', error: { type: 'rate_limit_error', message: 'x' } } },
    { kind: 'rate_limit', hint: 'error_in_200' },
  ],
  [
    'result that is a refusal of the edge',
    { status: 200, body: { error: { type: 'forbidden', message: 'No' } } },
    { kind: 'permission', hint: 'error_in_200' },
  ],
  [
    'a word of overload in the midst of another failure',
    api(500, 'api_error', 'The operator is overloaded'),
    { kind: 'api_error', hint: undefined },
  ],
  [
    'an answer in plain text, after which the connection broke',
    { status: 502, body: 'Bad Gateway', error: Object.assign(new Error('x'), { code: 'ECONNRESET' }) },
    { kind: 'gateway', hint: 'gateway_unavailable', code: undefined },
  ],
  [
    'a page that nobody says the status of',
    { message: '<html><title>Some page</title></html>' },
    { kind: 'unknown', hint: 'unknown' },
  ],
  [
    'a tool’s line',
    { message: 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' },
    { kind: 'overloaded', hint: undefined },
  ],
];

/** Texts that no row may know. */
const UNKNOWN: readonly Case[] = [
  [
    '400',
    bad('Something entirely new happened.'),
    { kind: 'invalid_request', hint: 'unknown', field: undefined, retryable: false },
  ],
  ['400 with one word', bad('Error'), { kind: 'invalid_request', hint: 'unknown' }],
  ['401', api(401, 'authentication_error', 'Nope'), { kind: 'authentication', hint: 'unknown' }],
  ['403', api(403, 'permission_error', 'Nope'), { kind: 'permission', hint: 'unknown' }],
  ['404', api(404, 'not_found_error', 'Nothing here'), { kind: 'not_found', hint: 'unknown' }],
  ['429', limited('Try again'), { kind: 'rate_limit', cause: 'unknown', hint: 'unknown' }],
  [
    'new type',
    { status: 418, body: { type: 'error', error: { type: 'teapot_error', message: 'Short and stout' } } },
    { errorType: 'teapot_error', hint: 'unknown' },
  ],
  ['text', { message: 'the quick brown fox' }, { kind: 'unknown', hint: 'unknown', retryable: undefined }],
  ['thrown', { error: new RangeError('Invalid array length') }, { kind: 'unknown', hint: 'unknown' }],
  ['nothing', {}, { kind: 'unknown', hint: undefined }],
  [
    'a success',
    { status: 200, body: { id: 'msg_1', type: 'message', role: 'assistant' } },
    { kind: 'unknown', errorType: undefined },
  ],
  ['words of a limit in a 400', bad('There are many tokens'), { cause: undefined, hint: 'unknown' }],
  ['no path', bad('note: this is odd'), { field: undefined }],
  [
    'a code of the API in a gateway’s answer',
    { status: 403, body: { error: { message: 'Refused.', code: 'provider_not_allowed' } } },
    { kind: 'permission', hint: 'unknown' },
  ],
  ['a class name is no path', bad('litellm.messages: x'), { field: undefined }],
];

/** Thrown by the SDK itself, or by the application while it reads a stream. */
const THROWN: readonly Case[] = [
  [
    'a long call without streaming',
    failureFacts(
      new Error('Streaming is required for operations that may take longer than 10 minutes. See the docs.'),
    ),
    { kind: 'client_config', hint: 'streaming_required', retryable: false },
  ],
  [
    'a stream that ended early',
    failureFacts(new Error('stream ended without producing a Message with role=assistant')),
    { kind: 'bad_response', hint: 'truncated_stream', retryable: true },
  ],
  [
    'tool input that is no JSON',
    failureFacts(
      new Error(
        'Unable to parse tool parameter JSON from model. Please retry. Error: SyntaxError. JSON: {"message":"Your credit',
      ),
    ),
    { kind: 'bad_response', hint: 'unparsable_output', errorType: undefined },
  ],
  [
    'an error of the application, after a good status',
    { status: 200, ...failureFacts(new RangeError('Invalid array length')) },
    { kind: 'unknown', hint: 'unknown', retryable: undefined },
  ],
  [
    'a deadline of the application',
    failureFacts(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    { kind: 'timeout', hint: 'timeout' },
  ],
  ['a thrown text', failureFacts('Request timed out.'), { kind: 'timeout', hint: 'timeout' }],
  [
    'plain headers of an old SDK',
    failureFacts({ status: 429, headers: { 'anthropic-ratelimit-requests-remaining': '0' } }),
    { kind: 'rate_limit', cause: 'requests' },
  ],
];

const unauthorized = (message: string) => api(401, 'authentication_error', message);
const forbidden = (message: string) => api(403, 'permission_error', message);
const missing = (message: string) => api(404, 'not_found_error', message);
const coded = (code: string) => bad('Refused.', { error_code: code });
const typed = (type: string) => api(400, type, 'Refused.');
const bodyOf = (status: number) => (body: string) => ({ status, body });
const byGateway = (status: number) => (message: string) => ({ status, body: { error: { message } } });
const thrown = (message: string) => ({ error: new Error(message) });

/** What else each row knows, by one of its words alone. */
const WORDINGS: readonly (readonly [HintId, (word: string) => FailureFacts, ...words: string[]])[] = [
  ['entitlement', coded, 'organization_not_enrolled_in_beta'],
  [
    'entitlement',
    forbidden,
    'This feature is not enabled for your organization.',
    'Extra usage is required for this.',
  ],
  [
    'gateway_spend_cap',
    bad,
    'The spend limit reached.',
    'Your budget has been exceeded.',
    'ExceededBudget: team',
  ],
  ['gateway_spend_cap', typed, 'budget_exceeded'],
  ['gateway_spend_cap', (type) => api(429, type, 'Refused.'), 'billing_error'],
  ['credit_balance', bad, 'You have an insufficient credit balance.'],
  ['plan_extra_usage', bad, 'You are out of extra usage.', 'The extra usage balance is empty.'],
  ['payment', coded, 'insufficient_quota', 'user_profile_not_billable'],
  ['payment', bad, 'There is an issue with your billing or payment.', 'This requires more credits.'],
  ['payment', byGateway(402), 'No balance.'],
  ['concurrency', limited, 'Too many concurrent connections.', 'Max parallel request limit reached.'],
  [
    'vertex_quota',
    limited,
    'Quota exceeded for this.',
    'See aiplatform.googleapis.com/x.',
    'Resource exhausted.',
  ],
  ['bedrock', typed, 'ThrottlingException', 'TooManyRequestsException', 'ServiceQuotaExceededException'],
  ['edge_rate_limit', bodyOf(429), '<html>You are being rate limited</html>', 'local_rate_limited'],
  ['token_expired', typed, 'ExpiredTokenException'],
  ['token_expired', coded, 'token_expired', 'account_session_invalid'],
  [
    'token_expired',
    unauthorized,
    'The session has expired.',
    'ACCESS_TOKEN_EXPIRED',
    'The token is expired.',
  ],
  ['token_revoked', unauthorized, 'The token was revoked.', 'This token is revoked.'],
  ['token_revoked', coded, 'token_revoked'],
  ['oauth_org_blocked', coded, 'oauth_not_allowed_for_organization'],
  ['oauth_org_blocked', forbidden, 'OAuth authentication is not allowed for your organization.'],
  [
    'oauth_scope',
    forbidden,
    'Insufficient scope.',
    'Missing OAuth scopes.',
    'A required scope is not there.',
  ],
  ['key_scope', coded, 'api_key_scope_missing', 'organization_level_scoped_api_key_required'],
  ['key_scope', forbidden, 'The API key lacks the required scope.', 'This API key does not have permission.'],
  ['claude_code_version_too_old', coded, 'claude_code_version_too_old'],
  ['claude_code_version_too_old', bad, 'Claude Code 2.0.1 does not support this model.'],
  ['egress_restricted', coded, 'sandbox_egress_restricted'],
  [
    'approval_missing',
    coded,
    'approval_required',
    'grant_required',
    'cmek_not_approved',
    'storage_not_approved',
  ],
  ['human_review', coded, 'workspace_human_review_disabled'],
  [
    'encryption_key',
    coded,
    'cmek_feature_unsupported',
    'cmek_key_disabled',
    'skill_read_blocked_undecryptable',
  ],
  ['organization_unsupported', coded, 'organization_not_eligible', 'workspace_policy_violation'],
  ['region_or_waf', coded, 'unsupported_country_region_territory'],
  [
    'region_or_waf',
    byGateway(403),
    'Not available in your country.',
    'Country, region, or territory not supported',
  ],
  [
    'region_or_waf',
    (message) => ({ status: 403, body: { error: { type: 'forbidden', message } } }),
    'Not allowed.',
  ],
  ['model_access', forbidden, 'There is no access to the model.', 'You do not have access to this model.'],
  [
    'model_access',
    forbidden,
    "Permission 'aiplatform.endpoints.predict' denied.",
    'Not allowed to access model.',
  ],
  ['model_access', forbidden, 'The key not allowed to access model.', 'Ask for model access.'],
  ['platform_api_disabled', byGateway(403), 'The API has not been used in project 1.', 'SERVICE_DISABLED'],
  ['ip_not_allowed', unauthorized, 'The IP address is not on the allowlist.'],
  ['ip_not_allowed', forbidden, 'Your IP address is not allowed.'],
  ['missing_key', unauthorized, 'No API key was provided.', 'Missing credentials.'],
  ['missing_key', thrown, 'The ANTHROPIC_API_KEY environment variable is missing.'],
  ['missing_key', thrown, 'Could not load the default credentials.', '`apiKey` function failed'],
  [
    'key_disabled',
    unauthorized,
    'This API key has been disabled.',
    'The API key was revoked.',
    'API key is archived.',
  ],
  ['key_disabled', unauthorized, 'The API key has been deleted.', 'The API key is inactive.'],
  ['key_disabled', unauthorized, 'The API key was deactivated.', 'The API key is expired.'],
  ['invalid_key', forbidden, 'API key not valid.', 'The API key is invalid.', 'Malformed API key.'],
  [
    'invalid_key',
    (message) => ({ status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } }),
    'API key not valid. Please pass a valid API key.',
  ],
  [
    'clock_skew',
    unauthorized,
    'Signature expired: 1 is earlier than 2',
    'Signature not yet current: 1',
    'Clock skew.',
  ],
  ['invalid_credentials', forbidden, 'The security token included in the request is invalid.'],
  ['invalid_credentials', forbidden, 'The request signature we calculated does not match the signature.'],
  ['invalid_credentials', typed, 'UnrecognizedClientException'],
  ['bedrock_inference_profile', bad, 'Retry with the ID or ARN of an inference profile that contains it.'],
  ['bedrock_inference_profile', bad, 'Invocation with on-demand throughput isn’t supported.'],
  [
    'model_region',
    bad,
    'Publisher Model `a/b` is not servable in region x.',
    'The model is not available in your region.',
  ],
  ['unknown_model', byGateway(404), 'No endpoints found for x.'],
  ['unknown_model', missing, 'Publisher Model `a/b` was not found.', 'model: x'],
  [
    'unknown_model',
    bad,
    'Could not resolve the foundation model.',
    'Invalid model name.',
    'x is not a valid model ID.',
  ],
  ['unknown_model', coded, 'model_not_found'],
  ['body_bytes', typed, 'request_too_large'],
  ['body_bytes', coded, 'request_body_too_large_after_decoding'],
  ['body_bytes', bodyOf(413), 'It exceeds the maximum size.', 'Payload too large', 'The body is too large.'],
  ['body_bytes', bodyOf(413), 'Content too large', 'Request too large'],
  [
    'prompt_too_long',
    bad,
    'The maximum context length is 8.',
    'It exceeds the maximum number of input tokens.',
  ],
  ['prefill_unsupported', bad, 'No assistant message prefill here.', 'It does not support prefill.'],
  ['too_many_tools', coded, 'available_tools_limit_exceeded'],
  ['too_many_tools', bad, 'There are too many tools.', 'tools: List should have at most 128 items'],
  ['tool_reference', coded, 'tool_reference_unresolved'],
  [
    'tool_schema',
    bad,
    'JSON schema is invalid.',
    'input_schema does not support that.',
    'tools.0.input_schema.type: x',
  ],
  ['output_schema', bad, 'output_config.format.schema: x', 'The schema is too complex.'],
  [
    'tool_name',
    bad,
    'messages.1.content.0.tool_use.id: String should match',
    'tool_use_id: String should match',
  ],
  [
    'tool_choice',
    bad,
    'tool_choice.name: x',
    "Tool 'a' of tool_choice not found",
    'tool_choice may only be set with tools',
  ],
  ['thinking_signature', bad, 'messages.1.content.0.redacted_thinking.data: x'],
  ['thinking_pairing', bad, 'The final message must start with a thinking block.'],
  ['compaction', coded, 'compaction_failed'],
  ['thread_state', coded, 'thread_not_found', 'thread_continue_in_flight', 'thread_closed'],
  ['image_too_large', bad, 'The image exceeds the maximum of 5 bytes.'],
  ['image_dimensions', coded, 'image_dimensions_too_large'],
  ['image_dimensions', bad, 'The image dimensions exceed 8000.', 'Its dimensions exceed max allowed size.'],
  ['too_many_images', bad, 'There are too many images.'],
  ['media_type_mismatch', bad, 'a.media_type: Input should be x', 'Unsupported image media type.'],
  ['image_unprocessable', bad, 'Unable to process input image.', 'The image could not be decoded.'],
  ['pdf_pages', bad, 'There are too many PDF pages.'],
  ['pdf_invalid', bad, 'Could not process PDF.', 'An invalid PDF.'],
  ['url_source', bad, 'Unable to download the file.', 'URL sources are not supported.'],
  ['invalid_beta', bad, 'anthropic-beta: x'],
  [
    'invalid_json',
    bad,
    'There was an error parsing the body.',
    'The body cannot be parsed.',
    'Invalid JSON in body.',
  ],
  ['invalid_json', coded, 'request_body_encoding_invalid', 'unsupported_charset'],
  [
    'unsupported_parameter',
    bad,
    'It must be unset when x.',
    'Be 1 or unset when x.',
    'x does not support tool types: y',
  ],
  ['unsupported_parameter', bad, 'UnsupportedParamsError: x', 'Unsupported parameter: x'],
  ['missing_field', bad, 'required key [messages] not found'],
  ['body_upload', coded, 'request_body_timeout'],
  ['file_storage', coded, 'storage_quota_exceeded'],
  ['file_not_downloadable', coded, 'file_not_downloadable'],
  ['user_profile', coded, 'user_profile_required', 'user_profile_not_found', 'key_profile_mismatch'],
  ['data_settings', coded, 'external_storage_in_use', 'storage_not_attachable', 'invalid_storage_arn'],
  ['data_settings', coded, 'human_review_not_available', 'external_key_not_found', 'region_not_supported'],
  ['data_settings', coded, 'gcp_project_controlled_by_another_organization'],
  ['name_taken', coded, 'plugin_name_taken', 'skill_name_taken', 'storage_in_use'],
  [
    'partly_done',
    coded,
    'change_outcome_unknown',
    'workspace_created_incomplete',
    'storage_attached_during_archive',
  ],
  ['unknown_resource', coded, 'file_expired', 'environment_not_found'],
  ['unknown_resource', missing, 'The skill a does not exist.', 'Batch not found.'],
  ['unknown_route', bodyOf(404), 'Cannot POST /v1/message', 'no route matched', 'Invalid URL (POST /v1)'],
  ['unknown_route', bodyOf(405), 'Method Not Allowed', 'unknown request URL'],
  [
    'cloudflare_challenge',
    bodyOf(403),
    'Checking your browser',
    '<html>Enable JavaScript and cookies to continue',
  ],
  ['cloudflare_challenge', bodyOf(403), '<html><script src="/cdn-cgi/cf-chl.js">'],
  ['cloudflare_edge_ip', bodyOf(403), 'error code: 1034'],
  ['cloudflare_blocked', bodyOf(403), 'error code: 1020', '<html><p data-translate="blocked_why_detail">'],
  ['cloudflare_blocked', bodyOf(403), '<html>a security service to protect itself from online attacks'],
  ['envoy_503', byGateway(503), 'no healthy upstream'],
  ['cloudflare_522', bodyOf(522), 'Connection timed out'],
  ['cloudflare_522', byGateway(522), 'Cloudflare: connection timed out'],
  ['cloudflare_500', bodyOf(500), 'error code: 500', '<html>cloudflare</html>'],
  ['cloudflare_503', bodyOf(503), 'error code: 503', '<html>cloudflare</html>'],
  ['gateway_no_channel', byGateway(503), 'No available channel.', 'No deployments available.', '无可用渠道'],
  ['gateway_no_channel', bodyOf(503), 'no healthy providers'],
  ['gateway_timeout', bodyOf(408), '<html>Request Timeout</html>'],
  ['gateway_timeout', bodyOf(502), 'Gateway timeout', 'upstream request timeout'],
  ['bad_header_value', thrown, 'x is an invalid header value.', 'Invalid character in header content ["x"]'],
  ['bad_header_value', thrown, 'ERR_INVALID_CHAR', 'Invalid HTTP header'],
  ['bad_port', thrown, 'ERR_SOCKET_BAD_PORT'],
  [
    'bad_url',
    thrown,
    'ERR_INVALID_URL',
    'Invalid URL',
    'Failed to parse URL',
    'Only absolute URLs are supported',
  ],
  ['bad_url', thrown, 'URL scheme "ftp" is not supported.'],
  ['browser_environment', thrown, "It looks like you're running in a browser-like environment."],
  ['aborted', () => ({ status: 499 }), ''],
  ['aborted', thrown, 'APIUserAbortError', 'AbortError', 'ABORT_ERR', 'This operation was aborted'],
  ['aborted', thrown, 'The user aborted a request.', 'The operation was aborted.'],
  ['timeout', thrown, 'APIConnectionTimeoutError'],
  ['headers_overflow', thrown, 'HPE_HEADER_OVERFLOW', 'UND_ERR_HEADERS_OVERFLOW', 'Headers overflow'],
  ['bad_http', thrown, 'HTTPParserError', 'HPE_INVALID_CONSTANT', 'Parse Error: x'],
  ['bad_http', thrown, 'Response does not match the HTTP/1.1 protocol'],
  [
    'bad_encoding',
    thrown,
    'Z_DATA_ERROR',
    'ERR__ERROR_FORMAT_x',
    'incorrect header check',
    'Decompression failed',
  ],
  ['redirect', thrown, 'unexpected redirect', 'redirect mode is set to error'],
  ['truncated_stream', thrown, 'request ended without sending any chunks', 'Unexpected event order, got x'],
  ['unparsable_output', thrown, 'Failed to parse structured output'],
  ['bad_body', thrown, 'SyntaxError', 'invalid json response body', 'Unexpected end of JSON input'],
  [
    'bad_body',
    thrown,
    'x is not valid JSON',
    'Unexpected token < in JSON',
    'Could not parse message into JSON',
  ],
];

describe.each([
  ['limits', LIMITS],
  ['requests', REQUESTS],
  ['access', ACCESS],
  ['server', SERVER],
  ['thrown', THROWN],
  ['unknown', UNKNOWN],
])('%s', (_group, cases) => {
  it.each(cases)('%s', (_name, facts, expected) => {
    const diagnosis: Readonly<Record<string, unknown>> = { ...diagnose(facts) };
    const seen = Object.fromEntries(Object.keys(expected).map((key) => [key, diagnosis[key]]));
    expect(seen).toEqual(expected);
  });
});

describe.each(WORDINGS.map(([hint, facts, ...words]) => ({ hint, facts, words })))(
  '$hint',
  ({ hint, facts, words }) => {
    it.each(words)('is known by %j', (word) => expect(diagnose(facts(word)).hint).toBe(hint));
  },
);

describe('a code decides more than its hint', () => {
  it.each([
    ['change_outcome_unknown', { hint: 'partly_done', retryable: true }],
    ['storage_attached_during_archive', { kind: 'conflict', hint: 'partly_done', retryable: false }],
    ['gcp_project_controlled_by_another_organization', { kind: 'conflict', retryable: undefined }],
    ['thread_not_found', { kind: 'not_found', retryable: false }],
    ['thread_continue_in_flight', { kind: 'invalid_request', retryable: true }],
    ['cmek_key_disabled', { kind: 'permission', retryable: false }],
    ['cmek_context_unavailable', { kind: 'api_error', retryable: true }],
    ['skill_read_blocked_undecryptable', { retryable: undefined }],
    ['user_profile_required', { field: 'anthropic-user-profile-id' }],
    ['organization_not_enrolled_in_beta', { kind: 'permission', retryable: false }],
  ])('%s', (code, expected) => {
    const { kind, hint, field, retryable } = diagnose(coded(code));
    expect({ kind, hint, field, retryable }).toMatchObject(expected);
  });
});
