import { defineSettings } from "../kernel/settings/room-settings.ts";
import { choice, integer } from "../kernel/settings/variable.ts";

export interface AuditSettings {
  readonly auditLog: "off" | "stdout";
  readonly auditChain: boolean;
  /** How long entries about an erased account are kept, without anything of the person. */
  readonly auditErasedDays: number;
}

/** The audit log outside of the database; see docs/audit.md. */
export const auditSettings = defineSettings({
  variables: {
    AUDIT_LOG: choice("off", ["off", "stdout"], {
      zh: "stdout：审计日志的每条记录另写一行 JSON 到标准输出，供日志系统收集；只含编号，见 docs/audit.zh.md。",
      en: "stdout: each entry of the audit log as a line of JSON on standard output too, for a SIEM; ids alone: docs/audit.md.",
    }),
    AUDIT_CHAIN: choice("off", ["off", "on"], {
      zh: "on：给审计日志的每条记录加上链，事后的改动可由 manage verify-audit 查出；见 docs/audit.zh.md。",
      en: "on: a link behind each entry of the audit log, so that manage verify-audit sees what was changed afterwards: docs/audit.md.",
    }),
    AUDIT_ERASED_DAYS: integer(
      183,
      { min: 183, max: 360 },
      {
        zh: "已清除账号的审计记录（已去除个人信息）保留多少天，至少六个月；其他记录一直保留。",
        en: "Days that entries about an erased account are kept, without anything of the person; six months at least. Other entries stay.",
      },
    ),
  },
  settings: (env): AuditSettings => ({
    auditLog: env.AUDIT_LOG,
    auditChain: env.AUDIT_CHAIN === "on",
    auditErasedDays: env.AUDIT_ERASED_DAYS,
  }),
});
