import { normaliseText } from '../platform/text-normalise.js';

/** 您好 to the bot alone is a knock at the door, as its bare name is. */
const KNOCK = /^(?:小杏)?[\s,]*(?:您好|你好|在吗|在么|在不在|在嘛|有人吗|hello|hi)[呀啊哦\s,.!?~]*$/u;
/** Answers to questions that are no longer open, and bare numbers: everyday talk. */
const BARE =
  /^(?:同意|不同意|同意模型|是的?|不是|对|好|要|不要|有用|没用|解决了|我|发|不发|\d|agree|disagree|yes|no|useful|useless)[\s.!~。]*$/u;
const EVERYDAY =
  /^(?:谢谢|多谢|感谢|谢了|辛苦|收到|知道|明白|好的?|好嘞|嗯+|哦+|早上?好|中午好|下午好|晚上好|晚安|早安|大家早?|你好|您好|在吗|ok|thanks?|thank you|医生|大夫|主任|老师|护士|小杏|群友|您|你|们|了|啦|呀|啊|哈+|\p{Emoji_Presentation}|\[[^\]]{1,6}\]|[\s,.!~\u3001\u3002\uff01\uff5e])+$/u;
/** 挂号, 门诊时间, 报销: for the admins, never for doctors. */
const SERVICE =
  /挂号|(?:门诊|医院|医生|科室|药房|窗口).{0,6}(?:几点|什么时[候间]|上班|开门|开诊|下班|出诊|坐诊|电话|地址)|出诊时间|怎么预约|(?:怎么|能|可以|咋)报销|停车|怎么走|坐几路|(?:活动|讲座|义诊).{0,6}(?:几点|什么时[候间]|在哪|报名)|(?:积分|奖品).{0,6}(?:怎么[领换]|在哪|哪里)/u;
/** Words by which somebody asks; without any, and like no entry, it is talk. */
const ASKS =
  /[?]|吗|么|呢|嘛|怎|咋|什么|啥|哪|谁|多少|几|能不能|可不可以|可以|要不要|为何|为什么|如何|是不是|有没有|会不会|是否|不是?$|what|how|why|when|can |should /u;
/** Of the body, of illness, of food: then it is a question, however short. */
const OF_HEALTH =
  /[病糖血压药针胰疼痛晕麻肿痒吃喝症查脚眼心胸头腿腰手肾肝胃肺睡汗尿咳喘吐泻便孕胖瘦医]|难受|不舒服|没劲|发烧|着急|害怕/u;

/** Somebody's own case, or that of somebody they know. */
const OF_SOMEBODY =
  /我|俺|咱|本人|自己|家里|家属|[爸妈爹娘]|父亲|母亲|老[公婆伴头]|丈夫|妻子|爱人|儿子|女儿|闺女|爷爷|奶奶|姥[姥爷]|外[公婆]|[岳公婆]父|岳母|公公|婆婆|[哥姐弟妹]|叔|伯|姨|舅|姑|邻居|同事|朋友|亲戚|孩子|宝宝/u;

export const isKnock = (said: string): boolean => KNOCK.test(said);
export const isBare = (said: string): boolean => BARE.test(said);
export const isEveryday = (said: string): boolean => EVERYDAY.test(said) || !/[\p{L}\p{N}]/u.test(said);
export const isForService = (said: string): boolean => SERVICE.test(said);
export const isOfSomebody = (said: string): boolean => OF_SOMEBODY.test(said);
export const asksSomething = (said: string): boolean => ASKS.test(said);
/** Neither asks nor speaks of health. The texts are normalised. */
export const isTalk = (said: string): boolean => !ASKS.test(said) && !OF_HEALTH.test(said);

const PRIVATE_MATTER =
  '(?:隐私|个人信息|我的?(?:信息|数据|资料|名字|姓名|电话|号码|病历|化验单|照片|血糖|病情)|聊天记录)';
const SPREAD = '(?:泄[露漏]|曝光|公开|外[传泄]|发出去|发到|卖给|传出去|给别人|让别人|被.{0,4}(?:看|知道))';
const ABOUT_PRIVACY = new RegExp(
  `${PRIVATE_MATTER}.{0,10}${SPREAD}|${SPREAD}.{0,8}${PRIVATE_MATTER}|凭什么(?:看|用|把)我|谁(?:让|准|允许)你们`,
  'u',
);
const ASKS_ABOUT_THE_RULE = /怎[么样]|如何|咋|在哪|哪里|会不会|是不是|能不能|可以.*吗|谁能/u;
const COMPLAINS =
  /投诉|举报|(?:我要|我想|想)(?:反映|提.{0,2}意见)|差评|态度.{0,6}(?:差|不好|恶劣|冷|凶)|(?:太|真|这么|够)(?:差|坑|垃圾|烂|慢|不负责)|(?:没人|没有人|一直没|都没|半天没|不)(?:管|理|回复?我?)(?:我|$|[,。!])|(?:医生|客服|管理员|机器人|小杏|你们).{0,8}(?:不回|不理|没人回|不管|骗|敷衍|失望|答非所问)|(?:要|给我|必须)退[钱款]|不满意|不负责任|乱收费|乱扣|忽悠人|骗[人钱子]|什么破|没有?一点用|白(?:等|跑|打卡)|少(?:算|给|记)了?我?.{0,4}(?:积)?分|积分.{0,6}(?:不对|少了|没加|扣)|^建议[:,\s]/u;

/** Somebody's words about their own data getting about: before anything but an emergency (SAFETY.md 4). */
export function isPrivacyComplaint(text: string): boolean {
  const said = normaliseText(text);
  return ABOUT_PRIVACY.test(said) && !ASKS_ABOUT_THE_RULE.test(said);
}

/** Dissatisfaction with the group, its bot or its people; how to complain is a question. */
export function isComplaint(text: string): boolean {
  const said = normaliseText(text);
  return (
    said.length <= LONGEST_COMPLAINT && COMPLAINS.test(said) && !/(?:怎[么样]|如何|咋|在哪|哪里).{0,4}投诉/u.test(said)
  );
}

const LONGEST_COMPLAINT = 200;

const CONTACT =
  /https?:|www\.|[a-z0-9-]{2,}\.(?:com|cn|net|top|fun|xyz|vip|cc|shop|club|me)\b|(?:微信|威信|薇信|vx|wx|v信|qq|扣扣|加[vq]|\+v|电报|tg)(?:号|群)?[\s::]*[a-z0-9]{5,}|群号?[\s::]*\d{6,}|(?:加我?|\+)(?:微信|威信|薇|vx?|wx|qq|好友)|扫码|二维码|私[聊信我]|联系(?:我|方式|电话)|咨询(?:热线|电话)|1[3-9]\d{9}|\d{3,4}-\d{7,8}|qq(?:群)?[\s::]*\d{5,}|<号码>|<网址>|进群|加群/u;
const OFFER =
  /出售|低价|特价|甩卖|清仓|优惠|折扣|\d折|打折|包邮|秒杀|红包|返[现利]|赚钱|日赚|月入|兼职|日结|刷单|招聘|招代理|代理|加盟|投资|理财|原始股|年化|稳赚|贷款|放款|办证|发票|代[开办练购充]|开户|彩票|博彩|棋牌|娱乐城|激情|裸聊|视频聊天|约炮|交友|充值|外挂|辅助|账号|皮肤|礼包|购买|下单|抢购|链接|免费(?:领|送|试|体验)|限时|活动价|厂家|直销|批发|货源|微商|祖传|祛斑|丰胸|增高|壮阳|原价|现价|一盒|一疗程|送货|包治|名额|速来|欢迎(?:咨询|选购|加入|光临)|招商|推广|会员|点卡|出号|收号|租号|网店|淘宝|拼多多|京东|直播间|新品|上市|招生|培训班|报名(?:从速|热线)|有人[要买收卖]|有没有人[要买收卖]|(?:^|[^买])卖|收购|(?:^|\s)出(?:个|一)|披风|工具箱|解连锁/u;
/** Said by nobody but a seller. */
const SELLS =
  /出售|甩卖|清仓|低价|招代理|招商|代(?:练|充|开发票|办证)|(?:^|[\s,。])(?:卖|出租|限时免费|招聘|出号|收号)|秒到账|退订|防封|黑卡|裸聊|稳赚|年化|刷单|日结|原始股/u;
const PRICE = /\d+\s*(?:元|块钱?|r\b|r(?=你|就|一|永)|rmb|¥|w\b|包月|\/月|一[个位套份盒瓶])|[¥$]\s*\d+|只[需要]\d+/u;
/** Somebody who asks what something costs or where it is sold, and sells nothing. */
const ASKS_THE_PRICE = /多少钱|贵不贵|哪里(?:有)?(?:买|卖)|医保|报销/u;

/** Somebody sells something, or wants to be written to. */
export function isAdvert(text: string): boolean {
  const said = normaliseText(text);
  const offers = said.match(new RegExp(OFFER, 'gu')) ?? [];
  const score =
    (CONTACT.test(said) ? 2 : 0) +
    (SELLS.test(said) ? 1 : 0) +
    (PRICE.test(said) ? 1 : 0) +
    Math.min(3, new Set(offers).size) * 1;
  if (ASKS_THE_PRICE.test(said) && !CONTACT.test(said)) return false;
  return score >= ADVERT_SCORE && (offers.length > 0 || PRICE.test(said) || SELLS.test(said));
}

const ADVERT_SCORE = 2;

const HEARSAY =
  /据(?:说|悉|传|.{0,10}(?:研究|调查|报道|机构|专家|媒体|消息))|网传|疯传|听说|最新(?:研究|消息|发现)|(?:研究|科学家|专家|实验|调查)(?:人员)?(?:发现|表明|显示|证实|指出|称)|一则消息|社交媒体|朋友圈|内部消息|紧急通知|转发|扩散|转给|告诉(?:家人|亲友|身边)|【转发】|震惊|惊人|重磅|曝光|真相|谣言|辟谣|流言|是真的吗|真的假的/u;
/** Passed on at length: no patient's own question starts so. */
const AUTHORITY =
  /(?:据|最新|近[日期]|最近|经过).{0,12}(?:研究|调查|权威|专家|实验|报道)|(?:研究|专家|科学家|调查)(?:人员)?(?:发现|表明|显示|证实|指出|称)/u;
const PASSED_ON =
  /网传|疯传|谣言|辟谣|流言|扩散|转给|功德|刚收到的?消息|大家(?:千万)?别(?:再)?[吃喝打用买]|(?:邻居|同事|朋友|亲戚|我).{0,4}亲测|真相来了|伪科学|并非如此/u;
const WONDER =
  /神奇|奇迹|奇效|特效|秘方|偏方|祖传|一次(?:就|即)|几[天秒分]钟?就|(?:\d|三|七|十)天(?:就|见效|治)|无需|不用(?:吃药|打针|手术|花钱)|不需要(?:吃药|打针|手术)|痊愈|根治|治愈|断根|彻底|完全(?:消除|恢复|治)|立竿见影|百分之百|100%|轻松(?:治|解决|避免|摆脱|消除)|轻而易举|(?:迅速|快速)(?:消除|改善|治|缓解|恢复)|告别|永不|再也不|能?(?:治好|救命)|可以(?:救|治好)|致癌|有毒|千万(?:别|不要)|排毒|专利|秘密|令人惊讶|颠覆|不可思议|有效率|特殊(?:的)?(?:方法|技巧|配方)|医院不(?:告诉|会说)|医生(?:不会|都不)/u;
const LONG_CLAIM = 60;
const MANY_WONDERS = 3;

/** A claim that is passed on: hearsay with a wonder in it, or a question whether such a thing is true. */
export function isRumour(text: string): boolean {
  const said = normaliseText(text);
  const hearsay = HEARSAY.test(said);
  const wonders = new Set(said.match(new RegExp(WONDER, 'gu')) ?? []).size;
  if (said.length >= LONG_CLAIM)
    return AUTHORITY.test(said) || PASSED_ON.test(said) || (hearsay && wonders > 0) || wonders >= MANY_WONDERS;
  return PASSED_ON.test(said) || (hearsay && wonders > 0);
}
