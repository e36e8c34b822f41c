import type { Block, Page } from "./page-block.ts";
import type { PrivacyFacts } from "./privacy-facts.ts";

/** The page in Chinese, as 个人信息保护法 17 and 网络数据安全管理条例 21 want it. Its other language is page-en.ts: the same parts in the same order. */
export function privacyPageZh(facts: PrivacyFacts): Page {
  const operator = facts.operator?.zh ?? "【运营者的名称】";
  const contact = facts.supportEmail ?? "【联系邮箱】";
  return {
    language: "zh-Hans",
    title: `${facts.name.zh}账号隐私政策`,
    blocks: [
      { text: `更新日期：${facts.date}　生效日期：【生效日期】` },
      {
        text: `本政策说明 ${facts.name.zh}的账号（${facts.site}）收集哪些个人信息、为什么收集、保存多久、交给谁，以及您怎样查阅、复制、更正和删除。账号以外的业务（订单、支付、物流等）见【其他业务的隐私政策】。`,
      },
      { heading: "一、我们是谁" },
      {
        list: [
          `个人信息处理者：${operator}，地址：【注册地址】`,
          `联系方式：${contact}；个人信息保护负责人：【姓名和联系方式】`,
        ],
      },
      { heading: "二、我们收集什么，为什么" },
      { table: { head: ["信息", "何时收集", "用途", "是否必需"], rows: collected(facts) } },
      {
        text: "密码只保存单向散列，任何人都无法还原。我们不收集通讯录、位置、设备识别码，不用账号信息做画像和个性化推荐。",
      },
      { heading: "三、Cookie 和浏览器存储" },
      { table: { head: ["名称", "用途", "期限"], rows: cookies(facts) } },
      { text: "这些都是登录所必需的；没有用于广告或统计的 Cookie。" },
      { heading: "四、保存在哪里，多久" },
      { text: "保存地点：【境内的服务器所在地】。期限如下，之后删除：" },
      { table: { head: ["信息", "期限"], rows: kept(facts) } },
      { heading: "五、委托处理和提供给他人" },
      ...shared(facts),
      ...abroad(facts),
      { heading: "六、您的权利" },
      {
        list: [
          `查阅、更正：登录后在“账号设置”（${facts.site}/account）。`,
          `复制和转移：${facts.site}/account/data 申请导出，得到机器可读的 JSON 和可阅读的网页，每天一次，链接七天内有效。`,
          facts.days.deletion === 0
            ? `注销：${facts.site}/account-deletion，不需要理由，验证本人后立即清除。`
            : `注销：${facts.site}/account-deletion，不需要理由；验证本人后 ${facts.days.deletion} 天内登录可以撤销，到期清除。`,
          "撤回同意：在“账号设置”的“我的数据”中，撤回与同意一样方便，不影响撤回之前的处理。",
          `无法登录时，请写信给 ${contact}，核实身份后十五个工作日内答复。`,
          "对答复不满意，可以向履行个人信息保护职责的部门投诉，或向人民法院起诉。",
        ],
      },
      {
        text: `注销之后仍保留的只有：账号编号和注销日期（一年，用于恢复备份后再次清除）；登录名的加密摘要（${facts.days.names} 天，避免他人冒用）；去除个人信息的审计记录（${facts.days.audit} 天，网络安全法要求日志不少于六个月；员工对他人所做的操作以编号留存）。`,
      },
      { heading: "七、未成年人" },
      {
        text: children[facts.takes.age],
      },
      { heading: "八、安全" },
      {
        text: "传输全程加密；密码经单向散列，密钥与两步验证的秘密加密保存；新设备登录、密码和联系方式的变更会通知您。发生泄露时，我们按法律规定通知您和主管部门。",
      },
      { heading: "九、政策的变更" },
      { text: "重大变更会在登录时请您重新阅读并同意；以前的版本见【历史版本的地址】。" },
    ],
  };
}

const children: Readonly<Record<PrivacyFacts["takes"]["age"], string>> = {
  off: "本账号不面向不满十四周岁的未成年人。监护人发现孩子未经同意注册的，请与我们联系，我们会删除：【如面向儿童，请写明专门规则】。",
  refuse:
    "注册时询问是否年满十四周岁，不满十四周岁的不能注册。监护人发现孩子注册的，请与我们联系，我们会删除。",
  guardian:
    "注册时询问是否年满十四周岁。不满十四周岁的，须由监护人同意并留下联系方式，我们会加以核实：【核实方式和儿童个人信息处理规则】。",
};

function collected({ takes, providers, sms }: PrivacyFacts): string[][] {
  const when = (is: boolean, ...rows: string[][]) => (is ? rows : []);
  return [
    ["用户名", "注册", "登录、显示", "必需"],
    ["邮箱", "注册或添加", "登录、找回密码、安全通知", takes.mobile ? "与手机号至少一项" : "必需"],
    ...when(takes.mobile, [
      "手机号",
      "注册或添加",
      sms === null ? "登录" : "登录、短信验证码、找回密码",
      "与邮箱至少一项",
    ]),
    ["密码（散列）", "注册", "登录", "可改用其他方式"],
    ["昵称、姓名、头像", "您填写时", "显示", "自愿"],
    ...takes.fields.map(({ zh }) => [zh, "您填写时", "【用途】", "【是否必需】"]),
    ...when(takes.addresses, ["收货地址和收货人电话", "您填写时", "配送", "自愿"]),
    ["登录记录：时间、方式、浏览器、去掉末段的网络地址", "登录", "让您看到是否有人冒用，阻止盗号", "必需"],
    ["网络地址（完整，仅在内存和日志中）", "每次请求", "限制恶意尝试", "必需"],
    ["客服对账号的备注", "例如您联系我们时", "为您解决问题", "非必需"],
    ["账号被停用的原因和期限", "停用时", "防止滥用", "必需"],
    ["通行密钥的公钥、两步验证的密钥（加密）", "您设置时", "登录", "自愿"],
    ...providers.map(({ title }) => [
      `${title.zh}的标识、昵称、头像地址`,
      `用${title.zh}登录时`,
      "登录",
      "自愿",
    ]),
    ...when(takes.age !== "off", ["是否年满十四周岁、监护人的联系方式", "注册", "保护未成年人", "必需"]),
    ...when(takes.marketing, ["是否愿意接收资讯", "您选择时", "发送资讯", "自愿，默认不勾选"]),
    ["同意了哪个版本的条款，何时", "注册和变更时", "证明同意", "必需"],
  ];
}

function cookies({ cookies: { session, deviceDays, trustedDays }, providers }: PrivacyFacts): string[][] {
  return [
    session
      ? ["meiduo_session", "保持登录，脚本读不到", "到退出为止"]
      : ["浏览器存储 meiduo.*", "保持登录、语言和主题", "到退出或清除为止"],
    ["meiduo_device", "认出登录过的设备，减少打扰", `${deviceDays} 天`],
    ["meiduo_trusted", "您选择信任的设备不再要求两步验证", `${trustedDays} 天`],
    ...(providers.length === 0 ? [] : [["meiduo_oauth", "第三方登录途中防止冒用", "一小时"]]),
  ];
}

function kept({ days, takes }: PrivacyFacts): string[][] {
  return [
    ["账号资料、绑定、同意记录", "到您更改或注销为止"],
    ["登录会话", `最长 ${days.session} 天，结束后再保留一周供您查看`],
    ["被拒绝的登录", "30 天"],
    ["客服备注、停用原因", "到工作人员撤销或您注销为止"],
    ["拒绝名单中的网段、邮箱域名和邮箱（邮箱只存摘要）", "到我们移除为止"],
    ["邮件和短信的发送记录（不含正文和验证码）", "30 天"],
    ["换下的邮箱和手机号", "七天，供您撤销"],
    ...(takes.addresses ? [["删除的收货地址", "30 天"]] : []),
    ["您申请的数据导出", "七天"],
    ["备份", "【备份保存多久】"],
  ];
}

function shared({ mail, sms, captcha, providers, pictures, hooks, asksOfBreaches }: PrivacyFacts): Block[] {
  const rows = [
    ...(mail === null ? [] : [[mail.name.zh, "发送邮件", "邮箱、邮件内容"]]),
    ...(sms === null ? [] : [[sms.name.zh, "发送短信", "手机号、验证码"]]),
    ...(captcha === null ? [] : [[captcha.name.zh, "人机验证（仅在有风险时）", "网络地址、浏览器信息"]]),
    ...providers.map(({ title, receiver }) => [
      receiver.name.zh,
      `用${title.zh}登录（仅在您选择时）`,
      "您在该处的登录，由其政策规定",
    ]),
    ...pictures.map(({ name }) => [name.zh, "存放头像", "您上传或选用的头像"]),
    ...hooks.map(({ name }) => [name.zh, "决定注册或登录能否继续", "账号编号、用户名、邮箱"]),
    ...(asksOfBreaches === null
      ? []
      : [["【泄露密码查询服务】", "检查新密码是否已泄露", "密码散列的前五位，无法还原"]]),
  ];
  const others =
    "本站的其他业务（如订单）会收到账号编号以及账号新建、变更和注销的通知：【列出】。除此之外，不向任何人提供，法律要求的除外。";
  if (rows.length === 0) return [{ text: others }];
  return [{ table: { head: ["谁", "为什么", "什么信息"], rows } }, { text: others }];
}

function abroad({ mail, sms, captcha, providers }: PrivacyFacts): Block[] {
  const all = [mail, sms, captcha, ...providers.map(({ receiver }) => receiver)];
  const names = [...new Set(all.flatMap((one) => (one?.isAbroad ? [one.name.zh] : [])))];
  if (names.length === 0) return [];
  return [
    {
      text: `其中位于境外的有：${names.join("、")}。向境外提供个人信息须单独同意，并符合个人信息保护法第三十八条：【依据、接收方的联系方式和行使权利的方式】。`,
    },
  ];
}
