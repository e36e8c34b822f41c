import { readFileSync } from "node:fs";
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import { sql } from "kysely";
import { type Brand, withBrand } from "../server/src/brand/brand.ts";
import type { Db } from "../server/src/engines/database/database.ts";
import { AppError } from "../server/src/errors/errors.ts";
import { nameKey } from "../server/src/kernel/name-key.ts";
import { isLoopbackAddress } from "../server/src/kernel/own-addresses.ts";
import Type from "../server/src/kernel/schema/schema.ts";
import { escapeHtml } from "./page.ts";

/**
 * The development mailbox, as a page and as JSON. Shows every mail and SMS to everybody who reaches it, so it exists only where
 * mails aren't sent, development without SMTP_URL, and answers this machine alone unless MAILBOX_OPEN says otherwise
 * (guards: mailbox.test.ts; for strangers' pages in a browser here, api/host-check.test.ts).
 *
 * A mail's HTML is shown in a sandboxed frame: no script, no forms, no access to this page.
 */
export interface MailboxDeps {
  readonly db: Db;
  /** Whether it answers other machines, too. */
  readonly isOpen: boolean;
  /** Whose name is in the page's title. */
  readonly brand: Brand;
}

/** What `GET /sandbox/mailbox/messages/` lists, newest first. */
export interface MailboxMessage {
  readonly id: number;
  /** The address, or the number of an SMS, which has neither subject nor html. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** The verification code in it, if there is one. */
  readonly code: string | null;
  readonly channel: "mail" | "sms";
}

/** Whatever routes are added to: the API's server, or one of its own. */
export interface RouteHost {
  route(options: RouteOptions): unknown;
}

const base = "/sandbox/mailbox/";
const files = {
  "": ["mailbox-page.html", "text/html; charset=utf-8"],
  "page.css": ["mailbox-page.css", "text/css; charset=utf-8"],
  "page.js": ["mailbox-page.js", "text/javascript; charset=utf-8"],
} as const;

// Styles inline: the mails in the frame inherit this policy and carry theirs inline.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function mailboxRoutes(api: RouteHost, { db, isOpen, brand }: MailboxDeps): void {
  const onRequest = async (request: FastifyRequest) => {
    if (!isOpen && !comesFromHere(request)) throw new AppError("mailbox_is_local");
  };
  for (const [name, [file, type]] of Object.entries(files)) {
    const written = readFileSync(new URL(file, import.meta.url), "utf8");
    const content = name === "" ? withBrand(written, brand, "zh", escapeHtml) : written;
    api.route({
      method: "GET",
      url: base + name,
      config: { auth: "ignored" } as object,
      schema: { hide: true } as object,
      onRequest,
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        // The page names its files beside itself, since the API may be below a path that only its proxy knows.
        if (name === "" && !/^[^?]*\/(\?|$)/.test(request.url)) return reply.redirect("mailbox/");
        return reply
          .type(type)
          .header("content-security-policy", policy)
          .header("referrer-policy", "no-referrer")
          .send(content);
      },
    });
  }
  api.route({
    method: "GET",
    url: `${base}messages/`,
    config: { auth: "ignored" } as object,
    schema: {
      hide: true,
      querystring: Type.Object({
        to: Type.Optional(Type.String({ maxLength: 254 })),
        search: Type.Optional(Type.String({ maxLength: 254 })),
        after: Type.Optional(Type.Integer({ minimum: 0 })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
      }),
    } as object,
    onRequest,
    handler: async (request: FastifyRequest) => listMessages(db, request.query as MailboxQuery),
  });
}

/** Not so where a proxy or a tunnel brings it: its visitor is elsewhere. */
export function comesFromHere({ headers, socket }: FastifyRequest): boolean {
  if (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) return false;
  return isLoopbackAddress(socket.remoteAddress) || socket.remoteAddress === socket.localAddress;
}

export interface MailboxQuery {
  /** Exactly this address, in any case, or this number. */
  readonly to?: string;
  /** A part of the address. */
  readonly search?: string;
  /** Only messages with a greater id. */
  readonly after?: number;
  /** Default 50. */
  readonly limit?: number;
}

async function listMessages(db: Db, query: MailboxQuery): Promise<MailboxMessage[]> {
  let select = db.kysely.selectFrom("mailbox_messages").selectAll();
  if (query.to) select = select.where("to_key", "=", nameKey(query.to));
  if (query.search) {
    const pattern = `%${query.search.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
    select = select.where(sql<boolean>`to_key like ${pattern} escape '!'`);
  }
  if (query.after) select = select.where("id", ">", query.after);
  const rows = await select
    .orderBy("id", "desc")
    .limit(query.limit ?? 50)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    to: row.to_address,
    subject: row.subject,
    text: row.text,
    html: row.html,
    created_at: new Date(row.created_at).toISOString(),
    code: row.channel === "sms" ? codeInSms(row.text) : codeIn(row.text),
    channel: row.channel ?? "mail",
  }));
}

/** The only six digits that stand alone. */
function codeInSms(text: string): string | null {
  return /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0] ?? null;
}

/** Code mails have the code alone on an indented line. */
function codeIn(text: string): string | null {
  return /^ {4}([A-Z0-9]{6})$/im.exec(text)?.[1] ?? null;
}
