import type { ObjectId } from '../api/object-ids.ts';

/** The IDs in the paths of calls, by the endpoint's template up to the ID. */
export const PATH_IDS: Readonly<Record<string, ObjectId>> = {
  '/v1/agents/{agent_id}': 'gen_ai.agent.id',
  '/v1/compliance/review/cases/{case_id}': 'anthropic.compliance.review.case.id',
  '/v1/compliance/review/items/{item_id}': 'anthropic.compliance.review.item.id',
  '/v1/deployment_runs/{deployment_run_id}': 'anthropic.deployment_run.id',
  '/v1/deployments/{deployment_id}': 'anthropic.deployment.id',
  '/v1/dreams/{dream_id}': 'anthropic.dream.id',
  '/v1/environments/{environment_id}': 'anthropic.environment.id',
  '/v1/environments/{environment_id}/work/{work_id}': 'anthropic.environment.work.id',
  '/v1/files/{file_id}': 'anthropic.file.id',
  '/v1/memory_stores/{memory_store_id}': 'gen_ai.memory.store.id',
  '/v1/memory_stores/{memory_store_id}/memories/{memory_id}': 'gen_ai.memory.record.id',
  '/v1/memory_stores/{memory_store_id}/memory_versions/{memory_version_id}':
    'anthropic.memory_store.memory_version.id',
  '/v1/messages/batches/{message_batch_id}': 'anthropic.message.batch.id',
  '/v1/models/{model_id}': 'anthropic.model.id',
  '/v1/organizations/api_keys/{api_key_id}': 'anthropic.organization.api_key.id',
  '/v1/organizations/claude_code/managed_settings/rbac_groups/{rbac_group_id}':
    'anthropic.organization.claude_code.managed_setting.rbac_group.id',
  '/v1/organizations/claude_tag/bundles/{bundle_id}': 'anthropic.organization.claude_tag.bundle.id',
  '/v1/organizations/claude_tag/bundles/{bundle_id}/targets/{target_id}':
    'anthropic.organization.claude_tag.bundle.target.id',
  '/v1/organizations/claude_tag/slack_channels/{id}': 'anthropic.organization.claude_tag.slack_channel.id',
  '/v1/organizations/claude_tag/slack_workspaces/{id}':
    'anthropic.organization.claude_tag.slack_workspace.id',
  '/v1/organizations/external_keys/{external_key_id}': 'anthropic.organization.external_key.id',
  '/v1/organizations/external_storage/{external_storage_id}': 'anthropic.organization.external_storage.id',
  '/v1/organizations/federation_issuers/{federation_issuer_id}':
    'anthropic.organization.federation_issuer.id',
  '/v1/organizations/federation_rules/{federation_rule_id}': 'anthropic.organization.federation_rule.id',
  '/v1/organizations/federation_rules/{federation_rule_id}/workspaces/{workspace_id}':
    'anthropic.organization.federation_rule.workspace.id',
  '/v1/organizations/invites/{invite_id}': 'anthropic.organization.invite.id',
  '/v1/organizations/plugin_marketplaces/{marketplace_id}': 'anthropic.organization.plugin_marketplace.id',
  '/v1/organizations/plugins/{plugin_id}': 'anthropic.organization.plugin.id',
  '/v1/organizations/plugins/{plugin_id}/installation_settings/{target}':
    'anthropic.organization.plugin.installation_setting.id',
  '/v1/organizations/plugins/{plugin_id}/versions/{version}': 'anthropic.organization.plugin.version.id',
  '/v1/organizations/providers/google/projects/{project_number}':
    'anthropic.organization.provider.google.project.id',
  '/v1/organizations/rbac_groups/{rbac_group_id}': 'anthropic.organization.rbac_group.id',
  '/v1/organizations/rbac_groups/{rbac_group_id}/members/{user_id}':
    'anthropic.organization.rbac_group.member.id',
  '/v1/organizations/rbac_roles/{rbac_role_id}': 'anthropic.organization.rbac_role.id',
  '/v1/organizations/service_accounts/{service_account_id}': 'anthropic.organization.service_account.id',
  '/v1/organizations/service_accounts/{service_account_id}/workspaces/{workspace_id}':
    'anthropic.organization.service_account.workspace.id',
  '/v1/organizations/spend_limit_increase_requests/{spend_limit_increase_request_id}':
    'anthropic.organization.spend_limit_increase_request.id',
  '/v1/organizations/spend_limits/{spend_limit_id}': 'anthropic.organization.spend_limit.id',
  '/v1/organizations/telemetry_destinations/{destination_id}':
    'anthropic.organization.telemetry_destination.id',
  '/v1/organizations/telemetry_destinations/{destination_id}/workspaces/{workspace_id}':
    'anthropic.organization.telemetry_destination.workspace.id',
  '/v1/organizations/users/{user_id}': 'anthropic.organization.user.id',
  '/v1/organizations/webhooks/{webhook_endpoint_id}': 'anthropic.organization.webhook.id',
  '/v1/organizations/workspaces/{workspace_id}': 'anthropic.organization.workspace.id',
  '/v1/organizations/workspaces/{workspace_id}/members/{user_id}':
    'anthropic.organization.workspace.member.id',
  '/v1/organizations/workspaces/{workspace_id}/rate_limits/{rate_limit_id}':
    'anthropic.organization.workspace.rate_limit.id',
  '/v1/organizations/workspaces/{workspace_id}/service_accounts/{service_account_id}':
    'anthropic.organization.workspace.service_account.id',
  '/v1/sessions/{session_id}': 'anthropic.session.id',
  '/v1/sessions/{session_id}/resources/{resource_id}': 'anthropic.session.resource.id',
  '/v1/sessions/{session_id}/threads/{thread_id}': 'anthropic.session.thread.id',
  '/v1/skills/{skill_id}': 'anthropic.skill.id',
  '/v1/skills/{skill_id}/versions/{version}': 'anthropic.skill.version.id',
  '/v1/tunnels/{tunnel_id}': 'anthropic.tunnel.id',
  '/v1/tunnels/{tunnel_id}/certificates/{certificate_id}': 'anthropic.tunnel.certificate.id',
  '/v1/user_profiles/{user_profile_id}': 'anthropic.user_profile.id',
  '/v1/vaults/{vault_id}': 'anthropic.vault.id',
  '/v1/vaults/{vault_id}/credentials/{credential_id}': 'anthropic.vault.credential.id',
};

/** The ID in the answer of a call that makes an object, by the call's name. */
export const CREATED_IDS: Readonly<Record<string, readonly [attribute: ObjectId, field: string]>> = {
  'anthropic.agents.create': ['gen_ai.agent.id', 'id'],
  'anthropic.deployments.create': ['anthropic.deployment.id', 'id'],
  'anthropic.dreams.create': ['anthropic.dream.id', 'id'],
  'anthropic.environments.create': ['anthropic.environment.id', 'id'],
  'anthropic.files.upload': ['anthropic.file.id', 'id'],
  'anthropic.memory_stores.create': ['gen_ai.memory.store.id', 'id'],
  'anthropic.memory_stores.memories.create': ['gen_ai.memory.record.id', 'id'],
  'anthropic.messages.batches.create': ['anthropic.message.batch.id', 'id'],
  'anthropic.organization.claude_tag.slack_channels.create': [
    'anthropic.organization.claude_tag.slack_channel.id',
    'id',
  ],
  'anthropic.organization.external_keys.create': ['anthropic.organization.external_key.id', 'id'],
  'anthropic.organization.external_storage.create': ['anthropic.organization.external_storage.id', 'id'],
  'anthropic.organization.federation.issuers.create': ['anthropic.organization.federation_issuer.id', 'id'],
  'anthropic.organization.federation.rules.create': ['anthropic.organization.federation_rule.id', 'id'],
  'anthropic.organization.federation.rules.workspaces.add': [
    'anthropic.organization.federation_rule.workspace.id',
    'workspace_id',
  ],
  'anthropic.organization.invites.create': ['anthropic.organization.invite.id', 'id'],
  'anthropic.organization.plugins.create': ['anthropic.organization.plugin.id', 'id'],
  'anthropic.organization.plugins.versions.create': ['anthropic.organization.plugin.version.id', 'id'],
  'anthropic.organization.rbac_groups.create': ['anthropic.organization.rbac_group.id', 'id'],
  'anthropic.organization.rbac_groups.members.add': [
    'anthropic.organization.rbac_group.member.id',
    'user_id',
  ],
  'anthropic.organization.service_accounts.create': ['anthropic.organization.service_account.id', 'id'],
  'anthropic.organization.service_accounts.workspaces.add': [
    'anthropic.organization.service_account.workspace.id',
    'workspace_id',
  ],
  'anthropic.organization.spend_limits.set': ['anthropic.organization.spend_limit.id', 'id'],
  'anthropic.organization.telemetry_destinations.create': [
    'anthropic.organization.telemetry_destination.id',
    'id',
  ],
  'anthropic.organization.webhooks.create': ['anthropic.organization.webhook.id', 'id'],
  'anthropic.organization.workspaces.create': ['anthropic.organization.workspace.id', 'id'],
  'anthropic.organization.workspaces.members.add': ['anthropic.organization.workspace.member.id', 'user_id'],
  'anthropic.organization.workspaces.service_accounts.add': [
    'anthropic.organization.workspace.service_account.id',
    'service_account_id',
  ],
  'anthropic.sessions.create': ['anthropic.session.id', 'id'],
  'anthropic.sessions.resources.add': ['anthropic.session.resource.id', 'id'],
  'anthropic.skills.create': ['anthropic.skill.id', 'id'],
  'anthropic.skills.versions.create': ['anthropic.skill.version.id', 'id'],
  'anthropic.tunnels.certificates.create': ['anthropic.tunnel.certificate.id', 'id'],
  'anthropic.tunnels.create': ['anthropic.tunnel.id', 'id'],
  'anthropic.user_profiles.create': ['anthropic.user_profile.id', 'id'],
  'anthropic.vaults.create': ['anthropic.vault.id', 'id'],
  'anthropic.vaults.credentials.create': ['anthropic.vault.credential.id', 'id'],
};
