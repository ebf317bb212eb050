import { decoded } from '../decoded.ts';

/**
 * What spans say of a request's query: the parameters that the API's endpoints define, as the SDK's native span has
 * them.
 */

/** Parameters whose value is content, such as a person's address. */
export const CONTENT_PARAMETERS: ReadonlySet<string> = new Set([
  'email',
  'path_prefix',
  'expected_content_sha256',
]);

/** Parameters that are content on these endpoints alone. */
export const CONTENT_PARAMETER_OF: Readonly<Record<string, string>> = {
  '/v1/memory_stores/{memory_store_id}/memories': 'page',
  '/v1/organizations/analytics/connectors': 'filter',
  '/v1/organizations/analytics/plugins': 'filter',
  '/v1/organizations/analytics/skills': 'filter',
  '/v1/organizations/analytics/users': 'page',
};

/** Every parameter that an endpoint defines. An array `ids` is sent as `ids[]`. */
export const PARAMETERS: ReadonlySet<string> = new Set([
  ...CONTENT_PARAMETERS,
  'actor_ids',
  'actor_types',
  'after_id',
  'agent_id',
  'agent_ids',
  'agent_version',
  'api_key_id',
  'api_key_ids',
  'before_id',
  'block_ms',
  'bucket_width',
  'case_id',
  'claude_tag_categories',
  'claude_tag_user_ids',
  'context_windows',
  'created_at[gt]',
  'created_at[gte]',
  'created_at[lt]',
  'created_at[lte]',
  'created_by_user_id',
  'date',
  'deployment_id',
  'deployment_ids',
  'depth',
  'desired_ttl_seconds',
  'ending_at',
  'ending_date',
  'enforcement_status',
  'environment_ids',
  'event_deltas',
  'exclude_deleted_users',
  'expected_last_heartbeat',
  'filter',
  'group_by',
  'group_type',
  'has_error',
  'ids',
  'include_archived',
  'include_default',
  'include_inherited',
  'inference_geos',
  'issuer_id',
  'lifecycle',
  'limit',
  'marketplace_id',
  'memory_id',
  'memory_store_id',
  'model',
  'models',
  'operation',
  'order',
  'order_by',
  'organization_id',
  'organization_ids',
  'owner_type',
  'owner_user_id',
  'page',
  'period',
  'products',
  'rbac_group_ids',
  'reclaim_older_than_ms',
  'roles',
  'scope_id',
  'scope_type',
  'service_account_id',
  'service_tiers',
  'session_id',
  'session_ids',
  'slack_channel_id',
  'slack_channel_ids',
  'slack_workspace_id',
  'source',
  'speeds',
  'starting_at',
  'starting_date',
  'status',
  'statuses',
  'target_type',
  'time_bucket_width',
  'trigger_type',
  'types',
  'updated_at[gt]',
  'updated_at[gte]',
  'updated_at[lt]',
  'updated_at[lte]',
  'user_ids',
  'user_profile_id',
  'user_profile_ids',
  'version',
  'view',
  'workspace_id',
  'workspace_ids',
]);

const MASK = 'REDACTED';

export interface Query {
  /** The parts that an endpoint defines, as sent. */
  readonly defined: string | undefined;
  /** Whether one of them is content. */
  readonly hasContent: boolean;
  /** All of it, with a mask for what is content. */
  readonly masked: string;
}

/** Reads `search`, a URL's query from its `?` on, of a request to the endpoint `template`. */
export function readQuery(search: string, template: string | undefined): Query {
  const parts = search === '' ? [] : search.slice(1).split('&');
  const contentHere = template === undefined ? undefined : CONTENT_PARAMETER_OF[template];
  const isContent = (name: string | undefined): boolean =>
    name !== undefined && (CONTENT_PARAMETERS.has(name) || name === contentHere);
  const names = parts.map(parameterOf);
  const defined = parts.filter((_, index) => names[index] !== undefined);
  return {
    defined: defined.length > 0 ? defined.join('&') : undefined,
    hasContent: names.some(isContent),
    masked: parts
      .map((part, index) => (isContent(names[index]) ? `${part.split('=', 1)[0]}=${MASK}` : part))
      .join('&'),
  };
}

/** The parameter that a part of a query gives, where an endpoint defines it. */
function parameterOf(part: string): string | undefined {
  const name = decoded(part.split('=', 1)[0] ?? '');
  if (PARAMETERS.has(name)) return name;
  const ofArray = name.endsWith('[]') ? name.slice(0, -2) : '';
  return PARAMETERS.has(ofArray) ? ofArray : undefined;
}
