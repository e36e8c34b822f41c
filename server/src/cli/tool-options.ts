import type { Option } from "./command/command.ts";

/**
 * The options of the repository's tools by name: what help says, and what their programs read
 * (scripts/read-options.ts). A tool without an entry has none.
 */
export const toolOptions = {
  dev: {},
  seed: {
    yes: {
      type: "boolean",
      zh: "在 DATABASE_URL 指定的数据库中创建",
      en: "make them in the database that DATABASE_URL names, too",
    },
  },
  sandbox: {},
  generate: {
    check: {
      type: "boolean",
      zh: "只检查，有过期的则失败",
      en: "writes nothing; fails if one is out of date",
    },
  },
  build: { force: { type: "boolean", zh: "总是构建", en: "in any case" } },
  pack: {
    into: {
      type: "string",
      value: { zh: "<目录>", en: "<folder>" },
      required: true,
      zh: "存放包的目录",
      en: "where the tarball goes",
    },
  },
  test: {
    clock: {
      type: "string",
      value: "+40d",
      zh: "假定为另一时刻",
      en: "the suites on SQLite, as if it were then",
    },
  },
  "test:release": {},
  bench: {
    engine: {
      type: "string",
      choices: ["sqlite", "postgres", "both"],
      zh: "postgres 指 PostgreSQL 和 Redis；比较时缺省为 both，否则为 sqlite",
      en: "postgres is PostgreSQL with Redis; both in a comparison unless set, else sqlite",
    },
    rounds: {
      type: "string",
      value: "5",
      zh: "轮数，每轮每项测一次",
      en: "rounds, every subject once in each",
    },
    seconds: {
      type: "string",
      value: "3",
      zh: "每轮每项的秒数；比较时缺省为 1.5",
      en: "seconds a subject and round; 1.5 a row and run in a comparison unless set",
    },
    accounts: { type: "string", default: "1000", zh: "数据库中的账号数", en: "accounts in the database" },
    only: {
      type: "string",
      value: "count,user",
      zh: "只测这几项，不写文件",
      en: "these rows alone; writes nothing",
    },
    growth: {
      type: "string",
      value: "1000000",
      zh: "另用这么多账号再测一次并比较",
      en: "measure with this many accounts, too, and compare",
    },
    dry: { type: "boolean", zh: "只显示，不写文件", en: "print, write nothing" },
    against: {
      type: "string",
      value: { zh: "<提交>", en: "<commit>" },
      zh: "要比较的提交、分支或标签",
      en: "a commit, branch or tag to compare with",
    },
    peers: {
      type: "boolean",
      zh: "与 better-auth 和 Django 比较；会从 npm 安装前者",
      en: "beside better-auth, which npm installs for it, and Django",
    },
    pairs: { type: "string", value: "9", zh: "两者各测的次数，至少 9", en: "runs of both, at least 9" },
    limit: {
      type: "string",
      value: "1.05",
      zh: "整个范围高于此比值才算变贵",
      en: "dearer is what lies wholly above this ratio",
    },
  },
  soak: {
    minutes: { type: "string", default: "10", zh: "时长（分钟）", en: "how long" },
    visitors: { type: "string", default: "8", zh: "同时访问的人数", en: "visitors at once" },
  },
} as const satisfies Record<string, Readonly<Record<string, Option>>>;

export type ToolName = keyof typeof toolOptions;
