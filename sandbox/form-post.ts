import { createHash } from "node:crypto";
import type { FastifyReply } from "fastify";
import type { AuthorizationRequest } from "../server/src/identities/providers/imitation.ts";
import { escapeHtml, type Language, sendPage } from "./page.ts";

/** Back to the site by a form (OAuth 2.0 Form Post Response Mode), as a provider does that puts nothing into addresses. */
type Fields = Readonly<Record<string, string>>;

/** The only script of the sandbox's pages; the button is for who has none. */
const script = "document.forms[0].submit();";
const scriptHash = createHash("sha256").update(script).digest("base64");

/** What the two deliveries of one callback are called. */
export const deliveries: Readonly<Record<Language, readonly [string, string]>> = {
  zh: ["第一次送达（新标签页）", "第二次送达"],
  en: ["Deliver once (new tab)", "Deliver again"],
};

export function postBack(reply: FastifyReply, request: AuthorizationRequest, fields: Fields): FastifyReply {
  const { language } = request;
  const label = language === "zh" ? "返回网站" : "Back to the site";
  const form = formOf(request, fields, { label, testId: "post-back" });
  const allowed = `; script-src 'sha256-${scriptHash}'`;
  return sendPage(reply, language, label, `${form}\n<script>${script}</script>`, allowed);
}

export function postBackTwice(
  reply: FastifyReply,
  request: AuthorizationRequest,
  fields: Fields,
): FastifyReply {
  const [first, second] = deliveries[request.language];
  const forms = [
    formOf(request, fields, { label: first, testId: "deliver-first", target: ' target="_blank"' }),
    formOf(request, fields, { label: second, testId: "deliver-second" }),
  ];
  return sendPage(reply, request.language, second, forms.join("\n"));
}

function formOf(
  { formAddress }: AuthorizationRequest,
  fields: Fields,
  { label, testId, target = "" }: { label: string; testId: string; target?: string },
): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<form method="post" action="${escapeHtml(formAddress)}"${target}>
${inputs.join("\n")}
<button data-testid="${testId}">${escapeHtml(label)}</button>
</form>`;
}
