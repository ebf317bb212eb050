import type { HintRow } from './row.ts';

const INVALID = { kind: 'invalid_request', retryable: false, runbook: 'invalid-request' } as const;

/** What is wrong with a request: 400, 404, 413. */
export const REQUEST_HINTS = [
  {
    ...INVALID,
    id: 'content_filter',
    kind: 'content_filter',
    match: [{ message: /\bblocked by (?:our )?content[- ]filter(?:ing)?\b/i }],
    meaning: 'The content policy stopped the answer.',
    check: 'What the request asks the model to reproduce.',
    fix: 'Change the prompt; the same request is stopped again.',
  },
  {
    ...INVALID,
    id: 'model_unavailable',
    kind: 'not_found',
    field: 'model',
    match: [
      { status: [404], message: /^Claude [\w .-]{1,40} is (?:not|no longer) available\b/im },
      {
        status: [400, 404, 410],
        message:
          /\bmodel\b.{0,120}\b(?:has been (?:deprecated|retired|discontinued)|end of (?:its )?life|end-of-life|is no longer available|has been shut down)\b/i,
      },
    ],
    meaning: 'The model has been withdrawn or is not offered to this account.',
    check: 'The list of current models, and the announcement that the message links to.',
    fix: 'Use the model that the message or the documentation names instead.',
  },
  {
    ...INVALID,
    id: 'bedrock_inference_profile',
    match: [
      { message: /\bon-demand throughput isn[’']t supported\b|\bID or ARN of an inference profile\b/i },
    ],
    meaning: 'Amazon Bedrock serves this model through an inference profile only.',
    check: 'The model ID of the request.',
    fix: 'Use the ID of an inference profile, with its region prefix.',
  },
  {
    id: 'unknown_model',
    field: 'model',
    retryable: false,
    runbook: 'invalid-request',
    match: [
      { status: [404], kind: 'not_found', message: /^model: \S/m },
      {
        status: [404],
        message:
          /\b(?:the )?model\b.{0,160}\b(?:does not exist|not found|was not found|could not be found)\b/i,
      },
      { kind: 'not_found', message: /\bPublisher Model `.{0,300}` was not found\b/i },
      { type: /^not_found_error$/, kind: 'not_found', message: /^model: \S/m },
      {
        status: [400, 404],
        message:
          /\bprovided model identifier is invalid\b|\bcould not resolve the foundation model\b|\binvalid model name\b|\bis not a valid model(?: ID)?\b/i,
      },
      { status: [400, 404], code: /^model_not_found$/ },
      { status: [404], message: /\bno endpoints found for\b/i },
    ],
    meaning:
      'No model of this name can be used with this credential. It is misspelt, retired, or without access.',
    check: 'The model of the request, letter by letter, against the list of models.',
    fix: 'Use a current model ID.',
  },
  {
    ...INVALID,
    id: 'body_bytes',
    kind: 'request_too_large',
    match: [
      { type: /^request_too_large$/ },
      { code: /^request_body_too_large_after_decoding$/ },
      {
        status: [413],
        message:
          /\bexceeds the maximum (?:size|allowed)\b|\bentity too large\b|\bpayload too large\b|\bbody (?:is )?too large\b|\bcontent too large\b|\brequest too large\b/i,
      },
    ],
    meaning: 'The request body has more bytes than the endpoint takes.',
    check: 'The sizes of images, documents and history in the request.',
    fix: 'Send less, or upload files first and name them by ID.',
  },
  {
    ...INVALID,
    id: 'prompt_too_long',
    match: [
      { field: 'max_tokens', message: /\binput length and .max_tokens. exceed context limit\b/i },
      {
        field: 'messages',
        message:
          /\bprompt is too long\b|\binput is too long\b|\bexceeds? (?:the )?(?:model(?:[’']s)? )?(?:maximum )?context (?:window|limit|length)\b|\bmaximum context length is\b|\bexceeds the maximum number of input tokens\b/i,
      },
    ],
    meaning: 'The prompt, or the prompt with max_tokens, does not fit into the context window.',
    check: 'gen_ai.usage.input_tokens of the calls before, and the length of the history.',
    fix: 'Shorten or compact the history, or lower max_tokens.',
  },
  {
    ...INVALID,
    id: 'missing_max_tokens',
    field: 'max_tokens',
    match: [
      { message: /^max_tokens: Field required\b/im },
      { message: /\bmissing \d+ required (?:positional|keyword-only) arguments?:.{0,80}'max_tokens'/i },
      { message: /\bmax_tokens\b.{0,12}\bis (?:a )?required\b|\brequired key \[max_tokens\]/i },
    ],
    meaning: 'The request has no max_tokens.',
    check: 'What builds the request.',
    fix: 'Set max_tokens.',
  },
  {
    ...INVALID,
    id: 'thinking_budget',
    match: [
      { message: /\bbudget_tokens\b.{0,4} ?(?:Input should be|must be|should be|is too)/i },
      {
        message: /\bmax_tokens\b.{0,4} must be greater than .{0,4}(?:thinking\.)?(?:\w+\.)?budget_tokens\b/i,
      },
    ],
    meaning: 'The budget for thinking is below its minimum or not below max_tokens.',
    check: 'thinking.budget_tokens and max_tokens.',
    fix: 'Keep the budget at 1024 or more and below max_tokens.',
  },
  {
    ...INVALID,
    id: 'max_tokens_above_limit',
    field: 'max_tokens',
    match: [
      { message: /\bmax_tokens: \d[\d,_]{0,12} > \d/i },
      { message: /\bmaximum allowed number of output tokens\b|\bmaximum tokens you requested exceeds\b/i },
      { message: /\bmax_tokens\b.{0,40}\b(?:exceeds|too large|must be (?:less|at most|no more))\b/i },
    ],
    meaning: 'max_tokens is above what the model can output.',
    check: 'The output limit of this model.',
    fix: 'Lower max_tokens.',
  },
  {
    ...INVALID,
    id: 'stop_sequences',
    field: 'stop_sequences',
    match: [{ message: /^stop_sequences\b/im }],
    meaning: 'A stop sequence is not allowed.',
    check: 'Empty or blank entries in stop_sequences.',
    fix: 'Leave such entries out.',
  },
  {
    ...INVALID,
    id: 'cache_control',
    match: [
      {
        message:
          /\bblocks with cache_control may be provided\b|\bcache_control block must not come after\b|\bmaximum of \d+ blocks with cache_control\b/i,
      },
    ],
    meaning: 'There are too many cache breakpoints, or they are in a wrong order.',
    check: 'Every cache_control of system, tools and messages.',
    fix: 'Keep at most four, the longer-lived ones first.',
  },
  {
    ...INVALID,
    id: 'empty_message',
    match: [
      {
        message:
          /\bmust be non-empty\b|\bmust have non-empty content\b|\bnon-whitespace text\b|\bcannot be set for empty text blocks\b/i,
      },
      { field: 'messages', message: /\bat least one message is required\b/i },
      { message: /\bContentBlock object at \S{1,80} is blank\b|\btext content is empty\b/i },
    ],
    meaning: 'A message or block of text is empty, or there is no message.',
    check: 'Empty or whitespace-only strings in the content of messages and system.',
    fix: 'Leave empty blocks out.',
  },
  {
    ...INVALID,
    id: 'prefill_unsupported',
    field: 'messages',
    match: [
      {
        message:
          /\bassistant message prefill\b|\bdoes not support (?:assistant )?(?:message )?pre-?fill|\bpre-?fill(?:ing)? (?:\w+ ){0,3}is not supported\b/i,
      },
      { message: /\bconversation must end with a user message\b/i },
    ],
    meaning: 'The model does not continue an assistant message that the request begins.',
    check: 'The role of the last message.',
    fix: 'End with a user message; ask for the form of the answer in it.',
  },
  {
    ...INVALID,
    id: 'trailing_whitespace',
    field: 'messages',
    match: [{ message: /\bcannot end with trailing whitespace\b/i }],
    meaning: 'The assistant message at the end ends with whitespace.',
    check: 'The last message.',
    fix: 'Trim it.',
  },
  {
    ...INVALID,
    id: 'role_order',
    field: 'messages',
    match: [
      {
        message:
          /\bfirst message must use\b|\broles must alternate\b|\bconversation must (?:start with a user|alternate)\b/i,
      },
      {
        message:
          /\bunexpected role\b|\b(?:messages|role)\b.{0,20}\brole: Input should be\b|^messages\.\d+\.role: /im,
      },
      { message: /\btool_(?:use|result)\b.{0,3} blocks can only be in\b/i },
    ],
    meaning: 'A message has a role that is not allowed at its place.',
    check: 'The roles in order: they begin with user; system stands apart.',
    fix: 'Move system texts to the system parameter and put the roles in order.',
  },
  {
    ...INVALID,
    id: 'tool_pairing',
    field: 'messages',
    match: [
      {
        message:
          /\btool_use\b.{0,3} ids were found without\b|\bunexpected .{0,3}tool_use_id.{0,3} found in\b/i,
      },
      {
        message:
          /\btool_\w{3,8}\b.{0,3} blocks? must have a corresponding\b|\bmust have a single result\b|\bmultiple .{0,3}tool_result.{0,3} blocks with id\b|\btool_use.{0,3} ids must be unique\b/i,
      },
      { message: /\btoolResult blocks at\b|\bnumber of toolResult blocks\b/i },
    ],
    meaning: 'A tool call and its result do not stand in pairs.',
    check: 'The message that is named and the one after it: every tool_use ID needs one tool_result.',
    fix: 'Answer every tool_use in the next user message; cut history between pairs only.',
  },
  {
    ...INVALID,
    id: 'duplicate_tool_names',
    field: 'tools',
    match: [{ code: /^tool_name_conflict$/ }, { message: /\btool names must be unique\b/i }],
    meaning: 'Two tools have one name.',
    check: 'The names in tools, those of MCP servers included.',
    fix: 'Rename or drop one.',
  },
  {
    ...INVALID,
    id: 'too_many_tools',
    field: 'tools',
    match: [
      { code: /^available_tools_limit_exceeded$/ },
      { message: /\btoo many tools\b|^tools: List should have at most\b/im },
    ],
    meaning: 'There are more tools, or larger ones, than a request may have.',
    check: 'The number of tools and the sizes of their schemas.',
    fix: 'Send the tools that this call needs.',
  },
  {
    ...INVALID,
    id: 'tool_reference',
    match: [{ code: /^tool_reference_unresolved$/ }],
    meaning: 'The conversation names a tool or MCP server that is not defined at that place.',
    check: 'tools and mcp_servers of this request against those of the turns before.',
    fix: 'Define what the conversation names.',
  },
  {
    ...INVALID,
    id: 'tool_schema',
    match: [
      { message: /\bJSON schema is invalid\b|\binput_schema does not support\b/i },
      { message: /^tools\.\d+\.(?:\w+\.)?input_schema\b/m },
    ],
    meaning: 'The schema of a tool is not a valid JSON schema.',
    check: "The tool's input_schema at the index that is named: `tools.3` is the fourth.",
    fix: 'Make it an object schema of draft 2020-12.',
  },
  {
    ...INVALID,
    id: 'output_schema',
    match: [
      { message: /^output_(?:format|config\.format)\.(?:schema|json_schema)\b/m },
      { message: /\bschema is too complex\b/i },
    ],
    meaning: 'The schema for the output is not supported.',
    check: 'The schema in output_config or output_format.',
    fix: 'Simplify the schema.',
  },
  {
    ...INVALID,
    id: 'tool_name',
    match: [
      { message: /^tools\.\d+\.(?:\w+\.)?name: /m },
      { message: /\btool_use\.(?:id|name): String should\b|\btool_use_id: String should\b/ },
    ],
    meaning: 'The name or ID of a tool has characters or a length that is not allowed.',
    check: 'The names in tools and the IDs in the history.',
    fix: 'Use letters, digits, _ and - only.',
  },
  {
    ...INVALID,
    id: 'thinking_tool_choice',
    field: 'tool_choice',
    match: [{ message: /\bthinking\b.{0,60}\btool_choice\b.{0,12} forces tool use\b/i }],
    meaning: 'Thinking and a forced tool exclude each other.',
    check: 'tool_choice and thinking.',
    fix: 'Use tool_choice auto or none, or turn thinking off.',
  },
  {
    ...INVALID,
    id: 'tool_choice',
    field: 'tool_choice',
    match: [
      { message: /^tool_choice\b/m },
      { message: /\btool_choice\b.{0,60}\b(?:not found|without|requires|only be)\b/i },
    ],
    meaning: 'tool_choice does not fit the tools.',
    check: 'tool_choice against the names in tools.',
    fix: 'Name a tool that exists, or leave tool_choice out.',
  },
  {
    ...INVALID,
    id: 'thinking_signature',
    match: [
      { message: /\binvalid .{0,3}signature.{0,3} in .{0,3}(?:redacted_)?thinking\b/i },
      { message: /\bthinking\.signature: |\bredacted_thinking\.data: /i },
    ],
    meaning: 'A thinking block was changed, cut, or comes from another model or platform.',
    check: 'Whether the history stores thinking blocks with their signatures, unchanged.',
    fix: 'Send thinking blocks back exactly as they came, or leave them all out.',
  },
  {
    ...INVALID,
    id: 'thinking_modified',
    match: [{ message: /\bthinking\b.{0,120}\bcannot be modified\b/i }],
    meaning: 'The thinking blocks of the last answer were changed.',
    check: 'What the application does to the last assistant message before it sends it back.',
    fix: 'Send thinking blocks back exactly as they came.',
  },
  {
    ...INVALID,
    id: 'thinking_pairing',
    match: [
      { message: /\bexpected .{0,3}thinking.{0,3} or .{0,3}redacted_thinking\b/i },
      { message: /\bmust start with a thinking block\b/i },
    ],
    meaning: 'An assistant message with tool calls lacks the thinking block that came with it.',
    check: 'Whether the history keeps thinking blocks.',
    fix: 'Keep them, or turn thinking off for this conversation.',
  },
  {
    ...INVALID,
    id: 'compaction',
    match: [
      { code: /^compaction_unavailable$/, kind: 'overloaded', retryable: true },
      { code: /^compaction_/ },
    ],
    meaning: 'The compaction of the conversation is not as the API sent it, or cannot be made.',
    check: 'The compaction block in the history.',
    fix: 'Send the block back exactly as it came, once, at the start.',
  },
  {
    ...INVALID,
    id: 'thread_state',
    match: [
      { code: /^thread_not_found$/, kind: 'not_found' },
      { code: /^thread_continue_in_flight$/, retryable: true },
      { code: /^thread_/ },
    ],
    meaning: 'The thread that the request continues is not in the state that it assumes.',
    check: 'previous_message_id, and whether two calls continue one thread.',
    fix: 'Start a new thread with the whole conversation.',
  },
  {
    ...INVALID,
    id: 'image_too_large',
    match: [
      { message: /\bimage exceeds \d+(?:\.\d+)? ?[KM]i?B\b/i },
      { message: /\bimage\b.{0,60}\bexceeds? (?:the )?(?:maximum|limit)\b.{0,60}\bbytes\b/i },
    ],
    meaning: 'An image has more bytes than one may have.',
    check: 'The image at the path that is named, as base64.',
    fix: 'Scale it down or compress it.',
  },
  {
    ...INVALID,
    id: 'image_dimensions',
    match: [
      { code: /^image_dimensions_too_large$/ },
      { message: /\bimage dimensions exceed\b|\bdimensions exceed max(?:imum)? allowed size\b/i },
    ],
    meaning: 'An image has more pixels than one may have in this request.',
    check: 'The sides of every image; the limit is lower in requests with many.',
    fix: 'Scale the images down.',
  },
  {
    ...INVALID,
    id: 'too_many_images',
    match: [{ message: /\btoo many images\b/i }],
    meaning: 'There are more images or documents than a request may have.',
    check: 'The number of images in the whole history.',
    fix: 'Leave old ones out.',
  },
  {
    ...INVALID,
    id: 'media_type_mismatch',
    match: [
      {
        message: /\bdoes not match the provided media type\b|\bmedia type, but the (?:image|file) appears\b/i,
      },
      { message: /\bmedia_type: Input should be\b|\bunsupported (?:image )?media type\b/i, status: [400] },
    ],
    meaning: 'The media type that is stated is not that of the data, or is not supported.',
    check: 'The first bytes of the data against media_type.',
    fix: 'Derive media_type from the data.',
  },
  {
    ...INVALID,
    id: 'image_unprocessable',
    match: [
      {
        message:
          /\bcould not process image\b|\bunable to process (?:the )?(?:input )?image\b|\bimage could not be (?:processed|decoded)\b/i,
      },
    ],
    meaning: 'An image could not be read.',
    check: 'Whether the data is whole, correct base64, and of a supported format.',
    fix: 'Encode the image again; drop it from the history if it fails again.',
  },
  {
    ...INVALID,
    id: 'pdf_pages',
    match: [{ message: /\bmaximum of \d+ PDF pages\b|\btoo many PDF pages\b/i }],
    meaning: 'The PDF has more pages than a request may have.',
    check: 'The pages of all PDFs together.',
    fix: 'Split the PDF.',
  },
  {
    ...INVALID,
    id: 'pdf_invalid',
    match: [
      {
        message:
          /\bPDF (?:specified )?(?:was|is) not valid\b|\bPDF (?:specified )?(?:cannot be|is|was) (?:empty|password|encrypted|corrupt)|\bcould not process PDF\b|\binvalid PDF\b/i,
      },
    ],
    meaning: 'A PDF is empty, broken or protected by a password.',
    check: 'Whether the data is whole and correct base64.',
    fix: 'Encode the file again, without a password.',
  },
  {
    ...INVALID,
    id: 'url_source',
    match: [
      {
        message:
          /\bunable to download (?:the )?(?:file|image|document)\b|\bURL sources? (?:are|is) not supported\b/i,
      },
    ],
    meaning: 'The API could not fetch a file from the address in the request.',
    check: 'Whether the address can be reached by anyone, without a login.',
    fix: 'Send the data itself or upload the file.',
  },
  {
    ...INVALID,
    id: 'invalid_beta',
    field: 'anthropic-beta',
    match: [
      { message: /\bunexpected value\(s\).{0,300}\banthropic-beta\b/i },
      { message: /\binvalid beta flag\b|^anthropic-beta: /im },
    ],
    meaning: 'The platform does not know a value of the anthropic-beta header.',
    check: 'The betas of the request; Bedrock and Vertex know fewer than the API.',
    fix: 'Leave the value out for this platform.',
  },
  {
    ...INVALID,
    id: 'missing_version',
    field: 'anthropic-version',
    match: [{ message: /\banthropic[-_]version\b.{0,3}(?::| is) .{0,40}\b(?:required|valid|missing)\b/i }],
    meaning: 'The anthropic-version header is missing or unknown.',
    check: 'Proxies on the way, and clients that build requests by hand.',
    fix: 'Send anthropic-version: 2023-06-01.',
  },
  {
    ...INVALID,
    id: 'invalid_json',
    match: [
      {
        message:
          /\brequest body is not valid JSON\b|\berror parsing the body\b|\bbody (?:could not|cannot) be parsed\b|\binvalid JSON in (?:the )?(?:request )?body\b/i,
      },
      { code: /^(?:request_body_encoding_(?:invalid|unsupported)|unsupported_charset)$/ },
    ],
    meaning: 'The request body is not valid JSON.',
    check: 'Control characters and halves of emojis in texts; proxies that change bodies.',
    fix: 'Clean the texts before they go into the request.',
  },
  {
    ...INVALID,
    id: 'unsupported_parameter',
    match: [
      { message: /\bExtra inputs are not permitted\b|\bextraneous key \[/i },
      {
        message:
          /\bcannot both be (?:specified|set)\b|\bmay only be set to 1\b|\bmust be unset when\b|\bor unset when\b/i,
      },
      {
        message:
          /\bis deprecated for this model\b|\b(?:is|are) not supported (?:for|by|on|with) (?:this|the) model\b|\b(?:this|the) model does not support\b|\bdoes not support tool types\b/i,
      },
      { message: /\bUnsupportedParamsError\b|\bunsupported parameter\b/i },
    ],
    meaning: 'The model or platform does not take a parameter, or not together with another one.',
    check: 'The parameter that is named, against the documentation of the model.',
    fix: 'Leave it out for this model.',
  },
  {
    ...INVALID,
    id: 'missing_field',
    match: [{ message: /: Field required\b/ }, { message: /\brequired key \[\w{1,40}\] not found\b/i }],
    meaning: 'A required part of the request is missing.',
    check: 'The path that is named.',
    fix: 'Add it.',
  },
  {
    ...INVALID,
    id: 'invalid_value',
    match: [
      { message: /^[a-z_][\w.-]{0,160}: (?:Input (?:should be|tag)|(?:String|List|Value) should|range: )/m },
    ],
    meaning: 'A value of the request is not allowed at its place.',
    check: 'The path that is named.',
    fix: 'Use a value of the type and range that the message names.',
  },
  {
    ...INVALID,
    id: 'body_upload',
    kind: 'timeout',
    retryable: true,
    match: [{ code: /^request_body_timeout$/ }],
    meaning: 'The request body did not arrive in time.',
    check: 'The speed of the upload and the size of the body.',
    fix: 'Retry, or send less.',
  },
  {
    ...INVALID,
    id: 'file_storage',
    match: [{ code: /^storage_quota_exceeded$/, origin: ['api'] }],
    meaning: 'The storage for files of the organization is full.',
    check: 'The files that are stored, in all workspaces.',
    fix: 'Delete files that are no longer needed, then upload again.',
  },
  {
    ...INVALID,
    id: 'file_not_downloadable',
    match: [{ code: /^file_not_downloadable$/, origin: ['api'] }],
    meaning: 'The file is none that can be downloaded: only those that a tool made can.',
    check: '`downloadable` of the file.',
    fix: 'Keep a copy of what you upload.',
  },
  {
    ...INVALID,
    id: 'user_profile',
    match: [
      { code: /^user_profile_required$/, field: 'anthropic-user-profile-id' },
      {
        code: /^(?:user_profile_not_found|key_profile_mismatch|storage_profile_(?:mismatch|still_required))$/,
      },
    ],
    meaning:
      'The request needs a user profile that it does not name, that does not exist, or that does not fit.',
    check: 'The user profile of the request, and of the workspace, keys and storage that it names.',
    fix: 'Name the user profile that all of them have.',
  },
  {
    ...INVALID,
    id: 'data_settings',
    match: [
      { code: /^external_storage_(?:in_use|in_workspace_policy|not_available)$/ },
      { code: /^storage_(?:attach_limit_reached|not_attachable|verification_failed)$/ },
      { code: /^(?:transcripts_storage_required|invalid_storage_arn)$/ },
      { code: /^human_review_(?:not_available|on_with_external_storage)$/ },
      { code: /^(?:external_key_(?:not_found|provider_mismatch)|gcp_project_not_verified)$/ },
      { code: /^gcp_project_controlled_by_another_organization$/, kind: 'conflict', retryable: null },
      { code: /^(?:provider_not_allowed|region_not_supported|unsupported_region)$/, origin: ['api'] },
    ],
    meaning:
      'A setting for storage, keys, regions or human review is not allowed, or does not fit the others.',
    check: 'The field that the message names; `failed_checks` where a bucket failed its verification.',
    fix: 'Correct the setting that is named; the message says how.',
  },
  {
    ...INVALID,
    id: 'name_taken',
    kind: 'conflict',
    match: [
      {
        code: /^(?:(?:plugin|skill)_name_taken|storage_already_registered|storage_in_use)$/,
        origin: ['api'],
      },
    ],
    meaning: 'Something else has this name or bucket.',
    check: 'What has it: the list of what there is, or the details of the error.',
    fix: 'Use what is there, or another name or bucket.',
  },
  {
    ...INVALID,
    id: 'partly_done',
    kind: 'api_error',
    match: [
      { code: /^change_outcome_unknown$/, retryable: true },
      { code: /^workspace_created_incomplete$/ },
      { code: /^storage_attached_during_archive$/, kind: 'conflict' },
    ],
    meaning: 'Some of the changes were made, others were not, or may not have been.',
    check: 'What the message says, and the workspace as it is now.',
    fix: 'Do what the message says; a workspace that was created must not be created again.',
  },
  {
    ...INVALID,
    id: 'unknown_resource',
    kind: 'not_found',
    match: [
      { code: /^(?:file_expired|environment_not_found)$/ },
      {
        status: [404],
        message:
          /\b(?:file|batch|container|skill|agent|session|environment|workspace)\b.{0,80}\b(?:not found|does not exist|expired)\b|\b(?:file|batch|container|skill) not found\b/i,
      },
    ],
    meaning: 'The file, batch or other resource does not exist for this credential.',
    check: 'The ID, and the workspace that the key belongs to.',
    fix: 'Use an ID of the same workspace.',
  },
  {
    ...INVALID,
    id: 'unknown_route',
    kind: 'not_found',
    match: [
      { status: [404], message: /^(?:404:? )?(?:page )?not found\.?$/im },
      { status: [404, 405], origin: ['html'] },
      {
        status: [404, 405],
        message:
          /(?:^|>)Cannot (?:GET|POST) \/|\b404 page not found\b|\bno route matched\b|\bInvalid URL \(|\bmethod not allowed\b|\bunknown request URL\b/im,
      },
    ],
    meaning: 'The path does not exist at this server: a wrong base URL or path, not the model.',
    check: 'url.full of the attempt; a base URL that ends with /v1 doubles it.',
    fix: 'Correct the base URL.',
  },
  {
    ...INVALID,
    id: 'memory_changed',
    kind: 'conflict',
    match: [{ type: /^memory_precondition_failed_error$/ }],
    meaning: 'The memory is not as the request expects: it was changed since it was read.',
    check: 'The precondition: the content_sha256 that the request gives, and who else writes this memory.',
    fix: 'Retrieve the memory, apply the change to what it holds now, and send that hash.',
  },
  {
    ...INVALID,
    id: 'memory_path_taken',
    kind: 'conflict',
    // It can where the answer names no memory: then the one in the way is gone already.
    retryable: null,
    match: [{ type: /^memory_path_conflict_error$/ }],
    meaning: 'The path belongs to another memory, or lies above or below one.',
    check: 'conflicting_path and conflicting_memory_id in the answer.',
    fix: 'Choose another path, or update, rename or delete that memory.',
  },
] as const satisfies readonly HintRow[];
