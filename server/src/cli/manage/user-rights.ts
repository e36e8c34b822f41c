import { closeSync, writeSync } from "node:fs";
import { openPictures } from "../../app/avatars.ts";
import { personalTables } from "../../app/personal-data.ts";
import { tellsNumbers } from "../../app/sms.ts";
import { createReadPicture } from "../../avatars/read-picture.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { createLog } from "../../kernel/log.ts";
import { createDeletions } from "../../rights/deletions.ts";
import { packExport } from "../../rights/export-archive.ts";
import { rightsNoticeJob } from "../../rights/rights-notice-job.ts";
import type { Option } from "../command/command.ts";
import { show } from "../command/command.ts";
import type { ManageContext } from "../command/contexts.ts";
import { createOutput, explainOutput } from "../terminal/output-file.ts";
import { UsageError } from "../terminal/read-arguments.ts";
import { CommandFailure } from "../terminal/terminal.ts";
import { findAccount } from "./find-account.ts";
import { checkReason } from "./staff-options.ts";

/** `user delete` and `user export`: what people ask for who can't log in. */
export const rightsOptions = {
  reason: {
    type: "string",
    of: ["delete", "join", "deactivate"],
    value: { zh: "<理由>", en: "<why>" },
    zh: "理由，记入审计日志；停用时可不写",
    en: "why: kept in the audit log; deactivate goes without, too",
  },
  now: {
    type: "boolean",
    of: "delete",
    zh: "不等宽限期，由运行中的服务在一分钟内清除",
    en: "without the grace: whoever serves the site erases it within a minute",
  },
  yes: { type: "boolean", of: ["delete", "join"], zh: "确认", en: "confirms it" },
  into: {
    type: "string",
    of: "export",
    value: "<file.zip>",
    zh: "写入的文件，仅本人可读；必填",
    en: "the file to write, readable by you only; required",
  },
} as const satisfies Readonly<Record<string, Option>>;

interface RightsValues {
  readonly reason: string | undefined;
  readonly now: boolean;
  readonly yes: boolean;
  readonly into: string | undefined;
}

export async function deleteUser(
  context: ManageContext,
  name: string,
  { reason = "", now, yes }: RightsValues,
  asJson: boolean,
): Promise<number> {
  checkReason(reason);
  const { db, actor, config, terminal, users } = context;
  const log = createLog("error");
  const deletions = createDeletions({
    ...{ ...context, ...config, log, jobs: createOutbox(context) },
    tellsNumbers: tellsNumbers(config, "deleteAccount"),
  });
  const found = await findAccount(users, name);
  if (!yes) {
    throw new CommandFailure(
      `账号 ${name}（#${found.id}）和其中的数据将被清除，不能恢复。确认请加 --yes。`,
      `${name} (#${found.id}) is erased with its data, and nothing brings it back. Add --yes to do it.`,
    );
  }
  const dueAt = await db.transaction((transaction) =>
    deletions.ask(transaction, found, { actor, reason: reason.trim(), atOnce: now }),
  );
  const erased_at = new Date(dueAt).toISOString();
  const text = {
    zh: `账号 ${name}（#${found.id}）的登录已全部结束，${erased_at} 起清除。`,
    en: `Every log-in of ${name} (#${found.id}) has ended; it is erased from ${erased_at} on.`,
  };
  show(terminal, asJson, { id: found.id, erased_at }, text[terminal.language]);
  return 0;
}

export async function exportUser(
  context: ManageContext,
  name: string,
  { into }: RightsValues,
  asJson: boolean,
): Promise<number> {
  if (into === undefined) throw new UsageError("请用 --into 写明文件。", "Say by --into which file.");
  const { db, config, clock, terminal, users, audit, actor, path } = context;
  const user = await findAccount(users, name);
  const { words } = config;
  const language = terminal.language;
  const places = openPictures(config, db);
  const readPicture = createReadPicture({ ...places, db, log: createLog("error") });
  const archive = await packExport({
    ...{ db, words, tables: personalTables, user, language, now: clock.now(), readPicture },
  }).finally(places.close);
  // Before the file is there: nothing of a person is carried off without a trace.
  await db.transaction(async (transaction) => {
    if ((await users.lock(transaction, user.id)) === null)
      throw new CommandFailure(`账号 ${name} 刚刚被清除。`, `${name} was erased just now.`);
    await audit.record(transaction, actor, {
      ...{ action: "user.export-made", targetKind: "user", targetId: user.id, target: user.username },
      ...{ before: {}, after: { bytes: archive.length } },
    });
    // As of any other export: an owner who asked for none learns that somebody has theirs.
    const at = clock.now();
    await createOutbox(context).enqueueWith(transaction, rightsNoticeJob, {
      ...{ userId: user.id, kind: "data_export_asked", language: "unknown", at, until: at },
    });
  });
  const file = path(into);
  try {
    const descriptor = createOutput(file);
    writeSync(descriptor, archive);
    closeSync(descriptor);
  } catch (error) {
    throw explainOutput(error, file);
  }
  const text = {
    zh: `已写入 ${file}：账号 ${name} 的全部数据。交给本人后请删除。`,
    en: `Wrote ${file}: everything that is kept about ${name}. Delete it once its owner has it.`,
  };
  show(terminal, asJson, { id: user.id, file, bytes: archive.length }, text[language]);
  return 0;
}
