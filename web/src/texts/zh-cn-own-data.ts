/** One's own data, consents and age; a part of zh-cn.ts. */
export const age = {
  title: "年龄",
  "14_or_older": "我已满 14 周岁",
  guardian_agrees: "我未满 14 周岁，监护人同意我使用",
  hint: "不需要出生日期。",
  refused: "本站不向未满 14 周岁的人提供账号。",
  contact: "监护人的邮箱或手机号",
  contactHint: "我们可能就你的账号联系监护人。",
  dueTitle: "请确认年龄",
  submit: "确认",
  otherwise: "都不符合？",
};

export const choices = {
  title: "同意与撤回",
  marketing: "愿意接收新闻和优惠信息（可随时撤回）",
  terms: "使用条款",
  privacy: "隐私政策",
  agreed: "版本 {version}，{time} 同意",
  notGiven: "未同意版本 {version}",
  give: "同意",
  withdraw: "撤回",
};

export const rights = {
  exportTitle: "你的数据",
  exportLead: "下载本站保存的与你的账号有关的全部数据，每天一次。",
  exportAsked: "已申请。准备好后会发邮件到你已验证的邮箱，一般只要一分钟。",
  exportReady: "已准备好",
  exportPreparing: "正在准备",
  exportTimes: "申请于 {time} · 保留到 {end}",
  exportFetch: "下载",
  exportAsk: "申请导出",
  deleteTitle: "注销账号",
  deleteLead: "注销之前，可以先下载你的数据。",
  deleteFollows: [
    "所有设备立即退出登录。",
    "本站如有宽限期，期内登录并确认可以撤销，清除时间会告知；之后（没有宽限期则立即）账号和其中的数据被清除，不能恢复。",
    "用户名、邮箱和手机号在一段时间内不能再注册。",
    "绑定的第三方账号会解除，对方支持的授权会一并撤销；其余的请到对方的设置里撤销。",
  ],
  deleteGo: "注销我的账号",
  deleteSubmit: "确认注销",
  keepTitle: "这个账号将被注销",
  keepLead: "从 {time} 起，账号和其中的数据将被清除。要保留它吗？",
  keepSubmit: "保留我的账号",
  keepLeave: "不保留，返回登录页",
  publicTitle: "注销账号",
  publicLead: "不需要应用，也不需要联系我们。",
  publicSections: [
    {
      title: "如何注销",
      text: "登录后打开“账号设置”里的“我的数据”，选择“注销账号”，用密码或其他方式确认是你本人。不需要说明理由。忘记密码时，请先在登录页找回。",
    },
    {
      title: "之后会怎样",
      text: "所有设备立即退出登录。本站如有宽限期，期内登录并确认可以撤销，清除时间会告知；之后（没有宽限期则立即）账号资料、登录名、第三方绑定、登录记录、两步验证和发给你的邮件记录全部清除。",
    },
    {
      title: "会留下什么",
      text: "账号编号、一段时间内不让别人使用的登录名摘要，以及去除你个人信息的操作记录。备份会按期删除。",
    },
  ],
  publicHelp: "无法登录时，请写信给 {email}。",
  publicGo: "登录并注销",
};
