import type { FastifyReply, FastifyRequest } from "fastify";
import type { Person, Switch } from "../server/src/identities/providers/imitation.ts";

/** The sandbox's pages: plain HTML, unmistakably not the real provider, and without a script but for form-post.ts. */
export type Language = "zh" | "en";

export function languageOf(request: FastifyRequest): Language {
  const { lang, language } = request.query as { lang?: string; language?: string };
  const wish = lang ?? language ?? request.headers["accept-language"] ?? "zh";
  return wish.toLowerCase().startsWith("en") ? "en" : "zh";
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A nickname as the page shows it: whole characters, no control characters, not too long. */
export function shownNickname(nickname: string): string {
  return escapeHtml([...nickname.replace(/\p{Cc}/gu, "")].slice(0, 24).join(""));
}

export function sendPage(
  reply: FastifyReply,
  language: Language,
  title: string,
  body: string,
  scripts = "",
): FastifyReply {
  const banner =
    language === "zh"
      ? "沙箱：这是模拟页面，不是真正的登录服务，不需要也不会读取任何密码。"
      : "Sandbox: an imitation, not the real service. It neither needs nor reads any password.";
  return reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", `default-src 'none'; style-src 'unsafe-inline'${scripts}`)
    .header("cache-control", "no-store")
    .header("referrer-policy", "no-referrer")
    .send(`<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · ${language === "zh" ? "沙箱" : "Sandbox"}</title>
<style>${style}</style>
<header class="banner" data-testid="sandbox-banner">${banner}</header>
<main>
${body}
</main>
</html>`);
}

export interface ConsentPage {
  readonly provider: string;
  readonly title: string;
  /** Shown as the application that asks. */
  readonly clientId: string;
  /** Where the decision is posted to; the authorisation request travels along in its query. */
  readonly action: string;
  readonly people: readonly Person[];
  readonly switches: readonly Switch[];
}

export function consentBody(page: ConsentPage, language: Language): string {
  const text =
    language === "zh"
      ? {
          heading: `用${page.title}登录`,
          asks: "应用请求获取您的昵称和头像",
          who: "以谁的身份登录",
          trouble: "故障开关",
          none: "无，一切正常",
          allow: "同意并登录",
          cancel: "取消",
          anonymous: "（没有昵称）",
        }
      : {
          heading: `Log in with ${page.title}`,
          asks: "asks for your nickname and picture",
          who: "Who are you?",
          trouble: "Trouble",
          none: "None, all is well",
          allow: "Allow and log in",
          cancel: "Cancel",
          anonymous: "(no nickname)",
        };
  const persons = page.people
    .map(
      (person, index) => `<label class="person" data-testid="person-${person.id}">
<input type="radio" name="person" value="${person.id}"${index === 0 ? " checked" : ""}>
<span><b><bdi>${shownNickname(person.nickname) || text.anonymous}</bdi></b>
<small>${escapeHtml(person.about[language])}</small></span></label>`,
    )
    .join("\n");
  const options = page.switches
    .map((item) => `<option value="${item.name}">${escapeHtml(item[language])}</option>`)
    .join("");
  return `<h1>${escapeHtml(text.heading)}</h1>
<p><code>${escapeHtml(page.clientId)}</code> ${text.asks}</p>
<form method="post" action="${escapeHtml(page.action)}">
<fieldset><legend>${text.who}</legend>
${persons}
</fieldset>
<label class="trouble">${text.trouble}
<select name="trouble" data-testid="trouble"><option value="">${text.none}</option>${options}</select></label>
<div class="buttons">
<button name="decision" value="allow" data-testid="allow">${text.allow}</button>
<button name="decision" value="cancel" class="quiet" data-testid="cancel">${text.cancel}</button>
</div>
</form>`;
}

const style = `
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --edge: #d0d7de; --accent: #1769aa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #161b22; --edge: #3d444d; --accent: #6cb6ff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.6 system-ui, "Noto Sans CJK SC", sans-serif; color: var(--ink); background: color-mix(in srgb, var(--paper) 92%, #888); }
.banner { margin: 0; padding: .6rem 1rem; text-align: center; background: repeating-linear-gradient(-45deg, #ffd54a 0 24px, #ffca1a 24px 48px); color: #3b2f00; font-weight: 600; }
main { max-width: 32rem; margin: 2rem auto; padding: 1.5rem; background: var(--paper); border: 1px solid var(--edge); border-radius: 12px; }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
fieldset { border: 0; padding: 0; margin: 1rem 0; display: grid; gap: .5rem; }
legend { font-weight: 600; margin-bottom: .5rem; }
.person { display: flex; gap: .75rem; align-items: center; padding: .5rem .75rem; border: 1px solid var(--edge); border-radius: 8px; cursor: pointer; }
.person:has(input:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.person small { display: block; opacity: .75; }
.trouble { display: grid; gap: .25rem; margin: 1rem 0; }
select, button { font: inherit; padding: .5rem .75rem; border-radius: 8px; border: 1px solid var(--edge); background: var(--paper); color: inherit; min-height: 44px; }
.buttons { display: flex; gap: .75rem; flex-wrap: wrap; }
button { cursor: pointer; flex: 1; background: #1769aa; border-color: #1769aa; color: #fff; font-weight: 600; }
button.quiet { background: transparent; color: inherit; border-color: var(--edge); }
code { background: color-mix(in srgb, var(--paper) 85%, #888); padding: .1em .35em; border-radius: 4px; overflow-wrap: anywhere; }
a { color: var(--accent); }
`;
