/** Administration, for staff: every call needs the permission that docs/openapi.json names, or is refused with 403. */
import type { EndpointCall } from "./endpoint.ts";
import { operatorCalls } from "./operator-calls.ts";
import { staffCalls } from "./staff-calls.ts";
import type { CallOptions } from "./transport.ts";
import type { Body, Query } from "./wire.ts";

const read = { authenticated: true, repeatable: true } as const;
const write = { authenticated: true } as const;

export function adminCalls(call: EndpointCall) {
  return {
    ...staffCalls(call),
    users: (query?: Query<"/admin/users/", "get">, more?: CallOptions) =>
      call("GET /admin/users/", { query, ...read }, more),
    user: (id: number, more?: CallOptions) => call("GET /admin/users/{id}/", { path: { id }, ...read }, more),
    /** As a screen shows it: address, number and names shortened. */
    maskedUser: (id: number, more?: CallOptions) =>
      call("GET /admin/users/{id}/", { path: { id }, query: { masked: true }, ...read }, more),
    /** The account unmasked; who asked stands in the audit log. */
    revealUser: (id: number, more?: CallOptions) =>
      call("POST /admin/users/{id}/reveal/", { path: { id }, ...write }, more),
    /** Accounts as a file, by the filters of the list. Needs fetch. */
    exportUsers: (body: Body<"/admin/users/export/", "post">, more?: CallOptions) =>
      call(
        "POST /admin/users/export/",
        { body, ...write, binary: true },
        more,
      ) as Promise<unknown> as Promise<ArrayBuffer>,
    /** Everything that is kept about an account, as a ZIP for its owner, who is told. Needs fetch. */
    exportUser: (id: number, reason: string, more?: CallOptions) =>
      call(
        "POST /admin/users/{id}/archive/",
        { path: { id }, body: { reason }, ...write, binary: true },
        more,
      ) as Promise<unknown> as Promise<ArrayBuffer>,
    /** `is_active: false` ends the account's tokens. */
    changeUser: (id: number, change: Body<"/admin/users/{id}/", "patch">, more?: CallOptions) =>
      call("PATCH /admin/users/{id}/", { path: { id }, body: change, ...write }, more),
    setUserGroups: (id: number, body: Body<"/admin/users/{id}/groups/", "put">, more?: CallOptions) =>
      call("PUT /admin/users/{id}/groups/", { path: { id }, body, ...write }, more),
    setUserPermissions: (
      id: number,
      body: Body<"/admin/users/{id}/permissions/", "put">,
      more?: CallOptions,
    ) => call("PUT /admin/users/{id}/permissions/", { path: { id }, body, ...write }, more),
    /** Makes an account without a password; its owner is mailed where to set one. */
    addUser: (body: Body<"/admin/users/", "post">, more?: CallOptions) =>
      call("POST /admin/users/", { body, ...write }, more),
    invitations: (query?: Query<"/admin/invitations/", "get">, more?: CallOptions) =>
      call("GET /admin/invitations/", { query, ...read }, more),
    /** By mail to an address, or by a `link` that is shown this once. */
    addInvitation: (body: Body<"/admin/invitations/", "post">, more?: CallOptions) =>
      call("POST /admin/invitations/", { body, ...write }, more),
    deleteInvitation: (id: number, more?: CallOptions) =>
      call("DELETE /admin/invitations/{id}/", { path: { id }, ...write }, more),
    endTokens: (id: number, more?: CallOptions) =>
      call("POST /admin/users/{id}/end-tokens/", { path: { id }, ...write }, more),
    /** Takes the second factor from an account whose owner lost it; every session ends. `reason` stands in the audit log. */
    resetSecondFactor: (id: number, reason: string, more?: CallOptions) =>
      call("POST /admin/users/{id}/second-factor/reset/", { path: { id }, body: { reason }, ...write }, more),
    /** Deletes an account: its sessions end now, and it is erased at `erased_at`. `reason` stands in the audit log. */
    deleteUser: (id: number, reason: string, more?: CallOptions) =>
      call("DELETE /admin/users/{id}/", { path: { id }, body: { reason }, ...write }, more),
    userSessions: (id: number, more?: CallOptions) =>
      call("GET /admin/users/{id}/sessions/", { path: { id }, ...read }, more),
    /** The account's log-ins, the newest first, as its owner sees them. */
    userLogIns: (id: number, query?: Query<"/admin/users/{id}/log-ins/", "get">, more?: CallOptions) =>
      call("GET /admin/users/{id}/log-ins/", { path: { id }, query, ...read }, more),
    endUserSession: (id: number, session: string, more?: CallOptions) =>
      call("DELETE /admin/users/{id}/sessions/{session}/", { path: { id, session }, ...write }, more),
    /** By what an account is opened, and why its owner may be unable to log in. */
    userAccess: (id: number, more?: CallOptions) =>
      call("GET /admin/users/{id}/access/", { path: { id }, ...read }, more),
    /** How often what happened in the last thirty days, by hours in which something did, and what waits. */
    overview: (more?: CallOptions) => call("GET /admin/overview/", { ...read }, more),
    jobs: (query?: Query<"/admin/jobs/", "get">, more?: CallOptions) =>
      call("GET /admin/jobs/", { query, ...read }, more),
    job: (job: string, more?: CallOptions) =>
      call("GET /admin/jobs/{job}/", { path: { job }, ...read }, more),
    retryJob: (job: string, more?: CallOptions) =>
      call("POST /admin/jobs/{job}/retry/", { path: { job }, ...write }, more),
    /** Removes one that waits or is dead, for good. */
    discardJob: (job: string, more?: CallOptions) =>
      call("POST /admin/jobs/{job}/discard/", { path: { job }, ...write }, more),
    sendPasswordReset: (id: number, more?: CallOptions) =>
      call("POST /admin/users/{id}/password-reset/", { path: { id }, ...write }, more),
    groups: (more?: CallOptions) => call("GET /admin/groups/", read, more),
    group: (id: number, more?: CallOptions) =>
      call("GET /admin/groups/{id}/", { path: { id }, ...read }, more),
    addGroup: (body: Body<"/admin/groups/", "post">, more?: CallOptions) =>
      call("POST /admin/groups/", { body, ...write }, more),
    changeGroup: (id: number, body: Body<"/admin/groups/{id}/", "patch">, more?: CallOptions) =>
      call("PATCH /admin/groups/{id}/", { path: { id }, body, ...write }, more),
    deleteGroup: (id: number, more?: CallOptions) =>
      call("DELETE /admin/groups/{id}/", { path: { id }, ...write }, more),
    permissions: (more?: CallOptions) => call("GET /admin/permissions/", read, more),
    addPermission: (body: Body<"/admin/permissions/", "post">, more?: CallOptions) =>
      call("POST /admin/permissions/", { body, ...write }, more),
    audit: (query?: Query<"/admin/audit/", "get">, more?: CallOptions) =>
      call("GET /admin/audit/", { query, ...read }, more),
    /** The audit log as JSON lines, oldest first; `after`: the last line's `event.id`. Needs fetch. */
    exportAudit: (query?: Query<"/admin/audit/export/", "get">, more?: CallOptions) =>
      call(
        "GET /admin/audit/export/",
        { query, ...read, binary: true },
        more,
      ) as Promise<unknown> as Promise<ArrayBuffer>,
    webhooks: (more?: CallOptions) => call("GET /admin/webhooks/", read, more),
    /** Its `secret` is shown this once. */
    addWebhook: (body: Body<"/admin/webhooks/", "post">, more?: CallOptions) =>
      call("POST /admin/webhooks/", { body, ...write }, more),
    changeWebhook: (id: number, body: Body<"/admin/webhooks/{id}/", "patch">, more?: CallOptions) =>
      call("PATCH /admin/webhooks/{id}/", { path: { id }, body, ...write }, more),
    deleteWebhook: (id: number, more?: CallOptions) =>
      call("DELETE /admin/webhooks/{id}/", { path: { id }, ...write }, more),
    /** Another `secret`, shown this once; the one before signs beside it for a day, or ends now (`at_once`). */
    rotateWebhook: (
      id: number,
      body: Body<"/admin/webhooks/{id}/rotate/", "post"> = {},
      more?: CallOptions,
    ) => call("POST /admin/webhooks/{id}/rotate/", { path: { id }, body, ...write }, more),
    testWebhook: (id: number, more?: CallOptions) =>
      call("POST /admin/webhooks/{id}/test/", { path: { id }, ...write }, more),
    webhookDeliveries: (
      id: number,
      query?: Query<"/admin/webhooks/{id}/deliveries/", "get">,
      more?: CallOptions,
    ) => call("GET /admin/webhooks/{id}/deliveries/", { path: { id }, query, ...read }, more),
    retryWebhook: (id: number, delivery: number, more?: CallOptions) =>
      call(
        "POST /admin/webhooks/{id}/deliveries/{delivery}/retry/",
        { path: { id, delivery }, ...write },
        more,
      ),
    ...operatorCalls(call),
    /** What became of the mails of the last thirty days; `to` is one whole address. */
    mails: (query?: Query<"/admin/mails/", "get">, more?: CallOptions) =>
      call("GET /admin/mails/", { query, ...read }, more),
  };
}
