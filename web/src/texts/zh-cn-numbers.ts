/** Of codes, numbers and the reset; a part of zh-cn.ts. */
export const codeLogIn = {
  title: "用验证码登录",
  lead: "不需要密码，还没有账号时可直接注册",
  hint: "我们会发送一个验证码，粘贴整条消息也可以。",
  new: "还没有账号。请填写下面的内容，用同一验证码注册。",
  signUp: "注册并登录",
  off: "这里不能用验证码登录。",
  nothingCame: "没有收到？请检查垃圾邮件和填写的内容，倒计时结束后可重新获取。",
  password: "改用密码登录",
};

export const staleNumber = {
  logIn: "这个手机号很久没有在此验证过，可能已经换了主人。请再证明一项：账号的密码，或发到账号邮箱的验证码。",
  reset:
    "这个手机号很久没有在此验证过，可能已经换了主人。请再证明一项：两步验证的验证码，或发到账号邮箱的验证码。",
  signUp:
    "这个手机号以前属于一个账号。那是你的账号，就请登录它；否则可以用这个手机号新注册一个，它会从那个账号移除。",
  factor: "两步验证码或恢复码",
  orEmail: "或者用账号邮箱收一个验证码：",
  mine: "那是我的账号，去登录",
  newAccount: "不是我的账号，新注册一个",
};

export const forgot = {
  title: "找回密码",
  lead: "我们会向你的邮箱发送验证码",
  leadMobile: "我们会向你的手机号发送验证码",
  submit: "设置新密码",
  back: "想起来了？去登录",
  note: "如果这个邮箱没有注册过，不会收到验证码。",
};
