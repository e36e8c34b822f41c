import { eventNames } from "../../events/event-names.ts";
import type { Delivery, Endpoint } from "../../webhooks/webhooks.ts";
import { type Command, defineCommand, show } from "../command/command.ts";
import type { AppContext } from "../command/contexts.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";

const idWord = { zh: "<编号>", en: "<id>" } as const;
const most = { deliveries: 200, port: 65_535 } as const;

/** Where other programs are told what happened. A secret is printed once, when it is made. */
export const webhooks: Command = defineCommand({
  name: "webhooks",
  group: "people",
  needs: "app",
  json: true,
  stayingVerb: "listen",
  zh: "Webhook：账号发生变化时通知的接收地址",
  en: "webhooks: addresses that are told what happened to accounts",
  verbs: {
    add: { words: "<url>", zh: "增加；密钥只显示这一次", en: "adds one; its secret is shown this once" },
    list: { zh: "全部接收地址", en: "all of them, and how they are doing" },
    events: { zh: "全部事件", en: "every event there is" },
    change: { words: idWord, zh: "更改事件、停用或启用", en: "other events; switches it off or on" },
    rotate: {
      words: idWord,
      zh: "换新密钥，24 小时内新旧同时签名",
      en: "gives it a new secret; both sign for 24 hours",
    },
    test: { words: idWord, zh: "发送测试事件", en: "sends it a test" },
    deliveries: {
      words: idWord,
      zh: "最近的送达记录",
      en: "what was sent to it lately, and what came of it",
    },
    retry: {
      words: { zh: "<编号> [<送达编号>]", en: "<id> [<delivery>]" },
      zh: "重发一条，或所有已放弃的",
      en: "sends one again, or all that were given up",
    },
    remove: { words: idWord, zh: "删除，连同未送达的", en: "removes it, with what was not delivered" },
    listen: {
      zh: "开发用：在本机接收、验证并打印事件，直到停止",
      en: "for development: receives events here, verifies and prints them, until it is stopped",
    },
  },
  options: {
    event: {
      type: "string",
      value: { zh: "<事件>", en: "<event>" },
      multiple: true,
      zh: "只要这个事件，可重复；不设则要全部不需指定的",
      en: "only this event; may be repeated; without: all that are told unasked",
    },
    on: { type: "boolean", of: "change", zh: "启用", en: "switches it on" },
    off: { type: "boolean", of: "change", zh: "停用", en: "switches it off" },
    "at-once": {
      type: "boolean",
      of: "rotate",
      zh: "密钥已泄露：旧密钥立即失效",
      en: "after a leak: the old secret ends now",
    },
    limit: {
      type: "string",
      value: "<n>",
      default: "20",
      of: "deliveries",
      zh: "最多几条",
      en: "at most this many",
    },
    port: {
      type: "string",
      value: "<n>",
      default: "4600",
      of: "listen",
      zh: "本机端口",
      en: "port on this machine",
    },
  },
  check({ verb, words: [id = ""], values }) {
    const named = ["change", "rotate", "test", "deliveries", "retry", "remove"];
    if (named.includes(verb)) expectNumber("<id>", id, Number.MAX_SAFE_INTEGER);
    expectNumber("--limit", values.limit, most.deliveries);
    expectNumber("--port", values.port, most.port);
    if (values.on && values.off) throw new UsageError("--on 与 --off 只能选一个。", "Choose --on or --off.");
  },
  async run(context, input) {
    const { verb, words, values, json } = input;
    const { app, terminal, actor } = context;
    const { webhooks: service } = app;
    const id = Number(words[0]);
    const done = { zh: "完成。", en: "Done." }[terminal.language];
    switch (verb) {
      case "listen": {
        const { listen } = await import("./webhooks-listen.ts");
        return listen(context, Number(values.port), values.event ?? []);
      }
      case "list": {
        const found = await service.list();
        show(terminal, json, found, found.map(lineOf).join("\n"));
        return 0;
      }
      case "events":
        show(terminal, json, eventNames, eventNames.join("\n"));
        return 0;
      case "add":
        return showSecret(
          context,
          await service.add(actor, { url: words[0] ?? "", events: values.event ?? [] }),
          json,
        );
      case "rotate":
        await expectKnown(context, id);
        return showSecret(context, await service.rotate(actor, id, values["at-once"] ?? false), json);
      case "change": {
        await expectKnown(context, id);
        const isOn = values.on ? true : values.off ? false : undefined;
        const changed = await service.change(actor, id, { events: values.event, isOn });
        show(terminal, json, changed, lineOf(changed));
        return 0;
      }
      case "test": {
        await expectKnown(context, id);
        const delivery = await service.test(actor, id);
        show(terminal, json, { delivery }, String(delivery));
        return 0;
      }
      case "deliveries": {
        await expectKnown(context, id);
        const rows = await service.deliveries(id, { limit: Number(values.limit) });
        show(terminal, json, rows, rows.map(deliveryLine).join("\n"));
        return 0;
      }
      case "retry": {
        await expectKnown(context, id);
        const delivery = words[1] === undefined ? null : Number(words[1]);
        const count = await service.retry(actor, id, delivery);
        show(terminal, json, { deliveries: count }, String(count));
        return 0;
      }
      default:
        await expectKnown(context, id);
        await service.remove(actor, id);
        show(terminal, json, { id }, done);
        return 0;
    }
  },
});

function showSecret(
  { terminal }: AppContext,
  { endpoint, secret }: { readonly endpoint: Endpoint; readonly secret: string },
  json: boolean,
): number {
  show(terminal, json, { ...endpoint, secret }, `${lineOf(endpoint)}\n${secret}`);
  terminal.note(
    terminal.language === "zh"
      ? "请现在保存密钥：它不会再次显示。"
      : "Keep the secret now: it is not shown again.",
  );
  return 0;
}

/** Says which endpoint there is none of. */
async function expectKnown({ app }: AppContext, id: number): Promise<void> {
  if ((await app.webhooks.list()).some((one) => one.id === id)) return;
  throw new CommandFailure(`没有编号为 ${id} 的接收地址。`, `There is no endpoint ${id}.`);
}

function lineOf({ id, url, state, events, failingSince, oldSecretUntil }: Endpoint): string {
  const facts = [
    events.length === 0 ? "*" : events.join(" "),
    ...(failingSince === null ? [] : [`failing since ${timeOf(failingSince)}`]),
    ...(oldSecretUntil === null ? [] : [`old secret until ${timeOf(oldSecretUntil)}`]),
  ];
  return `${id}  ${state}  ${url}\n  ${facts.join("  ")}`;
}

function deliveryLine({ id, type, state, attempts, created_at, last_status, last_error }: Delivery): string {
  const came = last_error ?? (last_status === null ? "-" : String(last_status));
  return `${id}  ${timeOf(Number(created_at))}  ${type}  ${state}  ${attempts}  ${came}`;
}

const timeOf = (time: number) => new Date(time).toISOString().slice(0, 16);

function expectNumber(what: string, given: string, largest: number): void {
  if (/^[1-9]\d{0,15}$/.test(given) && Number(given) <= largest) return;
  throw new UsageError(`${what} 须为正整数。`, `${what} must be a whole number from 1.`);
}
