import { readFileSync } from "node:fs";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { escapeHtml, languageOf, sendPage } from "./page.ts";

/**
 * The vendors' captchas, imitated: the scripts that their pages load (captcha-script.js, one for all) and the checks that a
 * server asks. The box that the script shows lets one choose what becomes of the answer; whether the script comes at all is
 * chosen on the sandbox's page /captcha. Signatures are not looked at: the contract suite does (captcha-vendors.ts).
 */
const kinds = {
  turnstile: "turnstile+http://site-key:secret@{host}",
  hcaptcha: "hcaptcha+http://site-key:secret@{host}",
  geetest: "geetest+http://captcha-id:secret@{host}",
  tencent: "tencent+http://id:secret@{host}?app=190000000&key=appSecret123",
  aliyun: "aliyun+http://id:secret@{host}?scene=scene01&prefix=prefix01",
} as const;

/** CAPTCHA_URL of each, for a server that uses the sandbox. */
export function sandboxCaptchas(origin: string): readonly string[] {
  return Object.values(kinds).map((url) => url.replace("{host}", new URL(origin).host));
}

const scripts = [
  "/turnstile/v0/api.js",
  "/1/api.js",
  "/v4/gt4.js",
  "/TJCaptcha.js",
  "/captcha-frontend/aliyunCaptcha/AliyunCaptcha.js",
];
const scriptTroubles = ["comes", "missing", "late"] as const;
/** Later than the site waits. */
const lateMillis = 60_000;

/** What the script put into the answer. */
interface Told {
  readonly outcome?: string;
  readonly action?: string;
  readonly cdata?: string;
}

type Verdict = "right" | "wrong" | "spent" | "wrong-secret" | "down";

export function captchaRoutes(app: FastifyInstance): void {
  let script: (typeof scriptTroubles)[number] = "comes";
  const used = new Set<string>();

  for (const path of scripts) {
    app.get(path, async (_request, reply) => {
      if (script === "missing") return reply.code(503).type("text/plain").send("no script");
      if (script === "late") await new Promise((resolve) => setTimeout(resolve, lateMillis).unref());
      return reply
        .type("text/javascript; charset=utf-8")
        .headers({ "cache-control": "no-store", "cross-origin-resource-policy": "cross-origin" })
        .send(readFileSync(new URL("captcha-script.js", import.meta.url), "utf8"));
    });
  }

  function judge(token: string): Told & { readonly verdict: Verdict } {
    const told = read(token);
    const wasUsed = used.has(token);
    used.add(token);
    const { outcome = "refused" } = told;
    if (outcome === "down" || outcome === "wrong-secret") return { ...told, verdict: outcome };
    if (wasUsed || outcome === "spent") return { ...told, verdict: "spent" };
    return { ...told, verdict: outcome === "passes" ? "right" : "wrong" };
  }

  for (const path of ["/turnstile/v0/siteverify", "/siteverify"]) {
    app.post(path, (request, reply) => {
      const { verdict, action, cdata } = judge(fieldsOf(request).response ?? "");
      if (verdict === "down") return reply.code(500).send("");
      const code = { right: [], wrong: ["invalid-input-response"], spent: ["timeout-or-duplicate"] };
      const errors = verdict === "wrong-secret" ? ["invalid-input-secret"] : code[verdict];
      return reply.send({ success: verdict === "right", "error-codes": errors, action, cdata });
    });
  }

  app.post("/validate", (request, reply) => {
    const { verdict } = judge(fieldsOf(request).lot_number ?? "");
    if (verdict === "down") return reply.code(500).send("");
    if (verdict === "wrong-secret") return reply.send({ status: "error", code: "-50002", msg: "error" });
    return reply.send({
      status: "success",
      result: verdict === "right" ? "success" : "fail",
      reason: verdict,
    });
  });

  // Tencent's and Aliyun's: by the header that names the call.
  app.post("/", (request, reply) => {
    if (request.headers["x-tc-action"] === "DescribeCaptchaResult") {
      const { verdict } = judge(fieldsOf(request).Ticket ?? "");
      if (verdict === "down") return reply.code(500).send("");
      const code = { right: 1, wrong: 15, spent: 9, "wrong-secret": 16 }[verdict];
      return reply.send({ Response: { CaptchaCode: code, CaptchaMsg: verdict, RequestId: "sandbox" } });
    }
    if (request.headers["x-acs-action"] === "VerifyIntelligentCaptcha") {
      const { verdict } = judge(fieldsOf(request).CaptchaVerifyParam ?? "");
      if (verdict === "down") return reply.code(500).send("");
      if (verdict === "wrong-secret") return reply.code(403).send({ Code: "SignatureDoesNotMatch" });
      const Result = { VerifyResult: verdict === "right", VerifyCode: verdict === "right" ? "T001" : "F001" };
      return reply.send({ Code: "Success", Success: true, Result, RequestId: "sandbox" });
    }
    return reply.code(404).send("");
  });

  app.get("/captcha", (request, reply) => {
    const language = languageOf(request);
    const rows = sandboxCaptchas(`http://${request.headers.host}`).map(
      (url) => `<li><code>CAPTCHA_URL=${escapeHtml(url)}</code></li>`,
    );
    const options = scriptTroubles.map(
      (one) => `<option${one === script ? " selected" : ""}>${one}</option>`,
    );
    const [title, lead] =
      language === "zh"
        ? ["人机验证沙箱", "把其中一行和 CAPTCHA_AFTER_SMS=1、SMS_REQUEST_LIMIT=100 写入服务器的设置。脚本："]
        : [
            "Captcha sandbox",
            "Give a server one of these lines, CAPTCHA_AFTER_SMS=1 and SMS_REQUEST_LIMIT=100. The script:",
          ];
    const form = `<form method="post" action="/captcha"><select name="script" aria-label="script">${options.join("")}</select> <button>OK</button></form>`;
    return sendPage(
      reply,
      language,
      title!,
      `<h1>${title}</h1><p>${lead}</p>${form}<ul>${rows.join("")}</ul>`,
    );
  });
  app.post("/captcha", (request, reply) => {
    script = scriptTroubles.find((one) => one === fieldsOf(request).script) ?? "comes";
    return reply.redirect("/captcha", 303);
  });
}

function fieldsOf({ body }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return (body ?? {}) as Record<string, string | undefined>;
}

function read(token: string): Told {
  try {
    return JSON.parse(Buffer.from(token, "base64").toString()) as Told;
  } catch {
    return {};
  }
}
