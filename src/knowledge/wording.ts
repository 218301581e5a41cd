import { Jieba } from '@node-rs/jieba';
import { dict } from '@node-rs/jieba/dict.js';
import { normaliseText } from '../platform/text-normalise.js';

/** What kind of question it is; two of them about one thing are different questions. */
export type Intent =
  | 'why'
  | 'handle'
  | 'signs'
  | 'amount'
  | 'often'
  | 'when'
  | 'where'
  | 'compare'
  | 'what'
  | 'can'
  | 'need'
  | 'will'
  | 'which'
  | 'how';

/** A question as the index compares it. */
export interface Wording {
  /** Words that carry meaning, each once. */
  words: ReadonlySet<string>;
  /** Those of them that must not be missed: things, doings, properties; not how it is said. */
  weighty: ReadonlySet<string>;
  /** Runs of one to three characters of the text without fillers; made anew each time it is asked for. */
  grams: ReadonlySet<string>;
  intents: ReadonlySet<Intent>;
  numbers: ReadonlySet<string>;
  negated: boolean;
  /** Pregnant, nursing, a child: whom the question is about, where that changes the answer. */
  persons: ReadonlySet<string>;
  /** The text that words and grams were taken from. */
  plain: string;
  /** The whole question but for fillers and marks: two of one key are the same question. */
  key: string;
}

/** What people of Guangdong, Shanghai, Sichuan and the North-East write as they speak, in the words of everybody. In this order. */
const DIALECT: readonly (readonly [RegExp, string])[] = [
  [/可唔可以/g, '可不可以'],
  [/会唔会/g, '会不会'],
  [/使唔使|洗唔洗|驶唔驶/g, '要不要'],
  [/系唔系|係唔係|係咪|系咪/g, '是不是'],
  [/得唔得/g, '行不行'],
  [/有冇/g, '有没有'],
  [/点解/g, '为什么'],
  [/点样|点先|点(?=[算搞知食睇计打用放做])/g, '怎么'],
  [/怎么算好?(?=$|[?？,，])/g, '怎么办'],
  [/[係系](?=咩|乜|边)/g, '是'],
  [/咩嘢|乜嘢|咩(?=[$?？]|$|来|嚟|意思|药)|乜(?=[嘢])/g, '什么'],
  [/嚟㗎|嚟噶|㗎|噶(?=$|[?？])/g, ''],
  [/边度|边道/g, '哪里'],
  [/边个/g, '哪个'],
  [/几耐/g, '多久'],
  [/几时/g, '什么时候'],
  [/嗰阵时?/g, '时候'],
  [/嗰个/g, '那个'],
  [/嘅|噶/g, '的'],
  [/嘢/g, '东西'],
  [/[瞓训]觉|瞓(?=[着咗])|瞓/g, '睡觉'],
  [/冇/g, '没有'],
  [/唔/g, '不'],
  [/食(?=[药饭咗野几得咩完多少得粥西水饱])|(?<=[可能不])食|(?<=[样么])食/g, '吃'],
  [/饮(?=[酒水汤奶茶咖啤])/g, '喝'],
  [/咗/g, '了'],
  [/屋企/g, '家里'],
  [/肚腩/g, '肚子'],
  [/针咀|针嘴/g, '针头'],
  [/硬嚿嚿?|硬疙瘩|硬块|硬节|疙瘩/g, '硬结'],
  [/侬/g, '你'],
  [/勿(?=[可能要晓])/g, '不'],
  [/(?<=\p{Script=Han})(?:伐|伐啦|𠲎)(?=$|[?？])/gu, '吗'],
  [/[晓得懂]得不[晓得]得/g, '知不知道'],
  [/晓得/g, '知道'],
  [/得不(?=$|[?？,，])|要得不|得行不/g, '可以吗'],
  [/喃(?=$|[?？,，])|撒(?=$|[?？,，])|噻|哒(?=$|[?？])/g, ''],
  [/莫(?=[吃喝打得])/g, '不要'],
  [/可劲儿?造|敞开造|使劲造|可劲儿?吃/g, '随便吃'],
  [/嘎哈|干哈|噶哈|弄啥嘞?|做啥|干啥/g, '做什么'],
  [/整(?=[啥点])/g, '弄'],
  [/搁(?=哪|冰箱|家)/g, '放'],
  [/苞米/g, '玉米'],
  [/下馆子|吃席|坐席|吃喜酒|吃酒席|节食饭|下饭馆/g, '外出聚餐'],
];

/** One spelling for one thing: slips of the keyboard or of dictation, dialect, and other names. In this order. */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/血[唐塘搪]|雪糖/g, '血糖'],
  [/[唐搪塘堂]尿病|糖料病|糖尿[并兵]/g, '糖尿病'],
  [/血[亚呀雅]/g, '血压'],
  [/胰岛[数束速树]|[姨夷]岛素/g, '胰岛素'],
  [/二[甲加][双霜][瓜呱刮胍]/g, '二甲双胍'],
  [/红旦白/g, '红蛋白'],
  [/糖[花华画化](?=跟|和|查|高|低|血红|是|怎|多|测|与|$)/g, '糖化'],
  [/打[咔咖]/g, '打卡'],
  [/体[中众]/g, '体重'],
  [/疫[描苗秒]/g, '疫苗'],
  [/五[架部]马车|五辆马车/g, '五驾马车'],
  [/流感针/g, '流感疫苗'],
  [/指血|手指血|指尖血糖?/g, '指尖血糖'],
  [/cgm|贴的那个(?:测血糖的)?|动态血糖仪?/g, '动态血糖'],
  [/sglt-?2(?:i|抑制剂)?|列净类?药?/g, '列净类'],
  [/dpp-?4(?:i|抑制剂)?|列汀类?药?|带?汀字的?(?:降糖药)?/g, '列汀类'],
  [/glp-?1(?:ra|类)?|鲁肽类?(?:的针)?/g, '鲁肽类'],
  [/\bdka\b/g, '酮症酸中毒'],
  [/\btir\b/g, '目标范围内时间'],
  [/uacr|尿白蛋白肌酐比|尿微量白?蛋白/g, '尿微量白蛋白'],
  [/低[纳那]的?盐|低钠的盐/g, '低钠盐'],
  [/中疯/g, '中风'],
  [/酸[重种]毒/g, '酸中毒'],
  // To come down with it is another matter than to have it, and dried fruit is not fruit.
  [/(?:会不会|会|容易|怎么|为什么|为啥)得上?(?=糖尿病|高血压)/g, '患上'],
  [/(?<=[瓜蕉萄梨桃枣薯莓果])(?:干|片|脆|脯)/g, '果干'],
  [/(?:我们|咱们?)?糖友们?|(?:有|得了?|患有?)糖尿病的?人?|糖尿病(?:的?人|的?患者|的?病人|友)|糖人|糖病/g, '糖尿病'],
  [/(?:有|得了?|患有?)高血压的?人?|高血压(?:的?人|的?患者|的?病人)/g, '高血压'],
  [/血压(?:太|偏|有点|很|比较|老是)?高(?=[^\d多]|$)/g, '高血压'],
  [/脑梗[死塞]?|脑卒中|卒中|脑中风/g, '中风'],
  [/心肌梗[死塞]/g, '心梗'],
  [/糖化(?:血红蛋白)?(?!血清)|hba1c|\ba1c\b/g, '糖化血红蛋白'],
  [/血糖机/g, '血糖仪'],
  [/吃(?:完|过|了|罢)饭(?:之|以)?后?|饭后|用餐后|吃完(?=过)/g, '餐后'],
  [/吃饭(?:之|以)?前|饭前/g, '餐前'],
  [/稀饭|白粥/g, '粥'],
  [/血糖(?:太|偏|过|有点|很)?低了?|血糖掉下[来去]?了?|低糖(?=了|怎|咋)/g, '低血糖'],
  [/高血糖|血糖(?:太|偏|过|有点|很)高/g, '血糖高'],
  [/降血糖(?!的?药)/g, '降糖'],
  [/高血压的?药|血压的?药|降血压的?药|降压片/g, '降压药'],
  [/糖尿病的?药|降血糖的?药|降糖片|血糖药/g, '降糖药'],
  [/吃点儿?/g, '吃'],
  [/喝点儿?/g, '喝'],
  [/一直|一辈子|终身|终生|永远|长期/g, '长期'],
  [/服用|口服|恰(?=西|饭|药|水)/g, '吃'],
  [/漏服/g, '忘吃'],
  [/(?:搞忘|忘记|忘掉|忘了|忘|漏)了?(?=[吃打])/g, '忘'],
  [/搞忘|忘记|忘掉|忘了|漏了/g, '忘'],
  [/打[重多]了|打了两[遍次针]|多打了?(?:一[针次])?(?![针胰])/g, '打重'],
  [/检查|化验|检测(?!到)|复查/g, '查'],
  [/扎(.{0,3}?)手?指头?/g, '测$1'],
  [/监测|测量/g, '测'],
  [/注意事项|当心|留意|小心/g, '注意'],
  [/升得快|来得快|升血?糖(?:最|得)?快/g, '升糖快'],
  [/扎(?=几[次回]|多少[次回]|[一1][次回])/g, '测'],
  [/准确(?!率)/g, '准'],
  [/太极(?!拳)/g, '太极拳'],
  [/讲话/g, '说话'],
  [/肚皮/g, '肚子'],
  [/(?:还?没有?)(?:用|拆)过?的?(?=胰岛素|笔芯|试纸)|没拆封/g, '未开封的'],
  [/[上到往]医院/g, '去医院'],
  [/挑(?=[鞋袜选])/g, '选'],
  [/保护|保养/g, '护理'],
  [/早晚(?=[各都量测])/g, '早上晚上'],
  [/(?<=[糖压测量药])时(?=[会能可要怎吃喝出不])|再(?=[测量])/g, ' '],
  [/高血压吃的?药/g, '降压药'],
  [/肾脏|腰子/g, '肾'],
  [/肝脏/g, '肝'],
  [/对([肾肝胃])(?:有没有|有什么|有|会有)?(?:影响|伤害|害处|损害|危害)/g, '伤$1'],
  [/鞋子?(?:和|跟|、)?袜子?/g, '鞋袜'],
  [/食品/g, '食物'],
  [/冻(?:过|了|坏|上)/g, '冻住'],
  [/开了封|开过封|拆封/g, '开封'],
  [/[两2二]份|加倍|双倍/g, '双份'],
  [/饿着?肚子|空着?肚子/g, '空腹'],
  [/(?<=药[^,，。?？]{0,4})忘(?!吃|打|了?[吃打])/g, '忘吃'],
  [/没有?开封|没有?打开(?=的)/g, '未开封'],
  [/储存|存放|贮存/g, '保存'],
  [/早[晨起]|清[晨早]|大早/g, '早上'],
  [/夜里|半夜|夜间|晚间/g, '晚上'],
  [/副作用|不良反应/g, '副作用'],
  [/小孩子?|娃娃?|宝宝|儿童|小朋友|小娃/g, '孩子'],
  [/孕妇|怀上|孕期|妊娠|有喜/g, '怀孕'],
  [/收缩压|上压/g, '高压'],
  [/舒张压/g, '低压'],
  [/头疼/g, '头痛'],
  [/胸口?[疼痛]|心口[疼痛]/g, '胸痛'],
  [/疼/g, '痛'],
  [/锻炼|健身/g, '运动'],
  [/停不下来/g, '停不了'],
  [/治疗|医治|诊治/g, '治'],
  [/导致|造成|引发/g, '引起'],
  [/昏迷|昏过去|晕过去|昏倒|晕倒|喊不[醒答应]+|叫不[醒应]|没有意识|意识不清/g, '叫不醒'],
];

/** Ways to ask. Taken out of the text, so that 咋整 and 怎么办 weigh nothing but their meaning. */
const ASKED: readonly (readonly [Intent, RegExp])[] = [
  ['why', /为什么|为啥子?|为何|怎么(?:一)?回事|咋(?:一)?回事|是咋了|啥原因|什么原因|原因|怎么会|咋会|啥道理/g],
  [
    'handle',
    /怎么办|咋办|咋整|咋弄|咋个整|咋个办|怎么处理|怎样处理|如何处理|怎么弄|先做什么|该做什么|怎么急救|该?怎么做|有什么办法|有啥办法|怎么治|咋治|如何治/g,
  ],
  [
    'signs',
    /有?(?:什么|啥子?|么子|哪些|哪样)?(?:症状|表现|前兆|征兆|信号|反应|样子)|(?:什么|啥子?|咋)?(?:感觉|样的感觉)|(?:怎么|怎样|如何)(?:快速|尽快|早点|尽早|才能|才)?(?:知道|判断|识别|发现)|[咋怎]么?看出来?|会?咋样$/g,
  ],
  [
    'often',
    /几年(?=.{0,4}[次回遍趟])|多久(?=.{0,5}[次回遍趟])|多长时间(?=.{0,5}[次回遍趟])|几个月(?=.{0,5}[次回遍趟])|[几多少好][次回遍趟]|好[几多][次回]|频率|次数|好久(?=.{0,4}[一1]回)/g,
  ],
  ['when', /什么时[候间]|啥时[候间]?|几点钟?|几时|何时|哪个时间|哪些时间点?|多会儿?|从哪一?刻|哪一?刻/g],
  ['amount', /多少|几多|多大|多高|多重|几两|几克|几个点?|好多|多长时间|多久|好久|多远/g],
  ['where', /哪里|哪儿|哪块儿?|哪个地方|啥地方|什么地方|什么部位|啥部位|哪些部位/g],
  ['compare', /哪个(?:更|比较)?(?:好|快|升|高)|区别|不同|关系|还是(?=.)/g],
  ['what', /什么是|是个?(?:什么|啥子?|么子)|(?:什么|啥)意思|啥是|代表(?:什么|啥)?|是谁/g],
  [
    'can',
    /能不能|可不可以|可以不可以|能否|可否|行不行|得行不?|要得不|[吃用喝]得不|中不中|[行中]不$|[行中]吗|可以|能够?/g,
  ],
  ['need', /要不要|用不用|需不需要|该不该|有没有必要|需要|应该|还用|还要|要(?=.*[吗么不嘛呢])/g],
  ['will', /会不会|是不是会|会(?=.*[吗么不嘛呢]|得|有)/g],
  ['which', /什么样的?|什么|啥子?|么子|哪些|哪种|哪样|哪个/g],
  ['how', /怎么样?|怎样|如何|咋个?样?/g],
];

const FILLERS =
  /请问一?下?|麻烦(?:问|讲|说)?一?下?|我?想(?:问|请教|咨询|了解|知道)(?:一?下)?|问一?下|问问|打听一?下|谁知道|有谁知道|各位|大家好?|老师们?|医生们?(?=好|请|,|，|您)|大夫|您?好[,，!！\s]|你好|谢谢[您你啦]*|多谢|小杏|那个就是说?|就是说|那个(?=[^\u4e00-\u9fff]|我|血|胰|什么)|俺|急急*$|快说|求助|帮忙看?看?|听说|听(?:人家?|别人)[讲说]|网上[讲说]|(?:人家|别人|大家)都?[讲说]|老辈人[讲说]|是真的吗|真的假的|可真滴|能信[吗不]?|是不是真的|啊+|呀+|呢+|嘛+|哦+|哇+|嘞|哟|咯|噢|哈(?=$|[,，。!！\s])|吧(?=$|[?？,，。])/g;

const A_NOT_A =
  /是不是|要不要|用不用|会不会|有没有|该不该|需不需要|好不好|对不对|能不能|可不可以|行不行|准不准|吃不吃|灵不灵|伤不伤|要紧不|管用不|好不(?=$)|差不多|不过|不管|不仅|不同|不得了|不行了?(?=$)/g;
const NOT = /不|没|别(?!的|人)|勿|未|无(?!糖|论)|甭/;
/** 不 that says nothing of its own: at the end it asks, and inside these words it means something else. */
const NOT_A_NO =
  /不(?=\s*[?？。!！]*$)|不嘛|叫不醒|停不了|甩不脱|离不开|不舒服|不出|不到|好不容易|越来越|忘不了|没劲|没电|没感觉|不正常|不准|不清|未开封|不超过/g;

/** Words of the field that the dictionary would cut apart. */
const WORDS_OF_THE_FIELD =
  '二甲双胍 阿卡波糖 格列美脲 格列齐特 达格列净 恩格列净 卡格列净 列净类 列汀类 列净 列汀 瑞格列奈 司美格鲁肽 氨氯地平 硝苯地平 螺内酯 胰岛素 血糖仪 血压计 降糖药 降压药 低血糖 高血压 低血压 糖尿病 糖化血红蛋白 餐后 餐前 低钠盐 酮症酸中毒 酮症 酮体 眼底 硬结 缓释片 肠溶片 打卡 秋葵 苦瓜 隐形盐 心梗 中风 支架 试纸 针头 笔芯 糖尿病足 空腹血糖 泡脚 主食 升糖 叫不醒 打重 胸痛 心理热线 想起来 注射部位 轮换 升糖快 未开封 开封 嘴歪 冻住 放宽';

const STOP = new Set(
  '家属 家人 老爸 老妈 爸爸 妈妈 我爸 我妈 母亲 父亲 老伴 朋友 邻居 同事 亲戚 的 了 吗 么 嘛 呢 吧 啊 呀 哦 我 你 您 他 她 它 我们 咱 咱们 你们 他们 人家 自己 这 那 这个 那个 这种 那种 这些 那些 这样 那样 是 有 在 把 被 给 跟 和 与 及 或 或者 就 都 也 还 又 再 很 太 真 挺 蛮 更 最 比较 一点 一些 些 点 个 一个 下 一下 里 上 中 来 去 着 过 到 得 地 于 对 对于 关于 从 向 往 由 用 让 使 所 而 且 但 但是 如果 要是 的话 时 时候 之 之后 以后 之前 以前 后 前 平时 一般 通常 到底 究竟 具体 应当 该 要 想 会 可 可以 能 能够 行 好 合适 正确 对 算 算是 说 讲 讲讲 看 叫 做 弄 搞 怎么 怎样 如何 咋 咋个 怎么样 咋样 什么 啥 啥子 么子 哪 哪些 哪种 哪个 哪样 几 多 多少 谁 吗 不 没 没有 别 非 每 每个 每次 各 某 有点 有些 有什么 有啥 东西 事 事情 问题 情况 方面 方法 办法 病人 患者 人 人员 那么 这么 只 只能 才 先 然后 因为 所以 已经 正在 现在 刚 刚刚 经常 常常 总 总是 老 老是 天天 每天 平常 日常 生活 正常 比 较 知道 了解 介绍 解释 告诉 代表 意思 回事 起来 出来 下来 上来 出 起 完 成 下去 一样 大概 大约 左右 差不多 可能 容易 特别 非常 其实 真的 是否 还是 第 次 回 种 类 号 位 名 家 家里 屋里 俺 老婆 玩意 儿 子 滴 恁 甚 管 管用 有用 用着 一 两 俩 之间 其他 别的 等 等等 范围 这儿 那儿 处 当 一起 急 快 头 边 带 请 呗 啦 嗯 哎 唉 哈 嘞 哟 块 点儿 块儿 老人家 多久 久 长'.split(
    ' ',
  ),
);

/** Words that count for likeness, but whose absence from an entry means little. */
const LIGHT = new Set(
  '注意 效果 关系 建议 发生 使用 一种 时间 身体 产生 选择 开始 进行 继续 很多 不少 适合 打算 准备 记得 发现 出现 觉得 感到 感觉 时间段 标准 范围 方式 方案 步骤 要求 规定 推荐 安排 掌握 区分 常见 主要 重要 关键 首先 后来 突然 忽然 小时 分钟 钟头 早餐 中餐 晚餐 早饭 午饭 晚饭 中午 下午 上午 今天 昨天 明天 早上 晚上 夏天 冬天 天热 有没有 是不是 叫做 所谓 一顿 一餐 小块 吃法 用法 说法 控制 标准 好的 听说 教教 帮忙 最好 必要 有必要 隔 间隔 法则 比较好 下一 下顿 下次 还有 听 得 热 多热 选 挑 影响 反映 水平 程度 快速 好使 超过 各 克 什么样 位置 几颗 几块 样子'.split(
    ' ',
  ),
);

/** Whom a question is about, where that changes the answer. */
const PERSONS = /怀孕|备孕|孩子|哺乳|喂奶|产后|坐月子|新生儿|婴儿|1型/g;

/** Parts of speech that say how, not what. */
const LIGHT_TAG = /^(?:d|dg|r|rr|p|c|u.*|e|y|o|q|f|zg|k|h|w|x)$/;

let segmenter: Jieba | undefined;

/** Loading the dictionary takes 0.2 s and 100 MB, so one is shared. */
function words(): Jieba {
  if (segmenter === undefined) {
    segmenter = Jieba.withDict(dict);
    const lines = WORDS_OF_THE_FIELD.split(' ').map((word) => `${word} 100000 n`);
    segmenter.loadDict(Buffer.from(`${lines.join('\n')}\n`));
  }
  return segmenter;
}

/** Brings a question, or an entry's wording of one, into the form in which the two are compared. */
export function readWording(text: string): Wording {
  let plain = normaliseText(text);
  for (const [pattern, same] of DIALECT) plain = plain.replace(pattern, same);
  for (const [pattern, same] of SAME) plain = plain.replace(pattern, same);
  plain = arabicNumerals(plain).replace(FILLERS, ' ');
  const negated = NOT.test(plain.replace(A_NOT_A, ' ').replace(NOT_A_NO, ' '));
  const key = plain.replace(/[^\p{L}\p{N}]/gu, '');
  const intents = new Set<Intent>();
  for (const [intent, pattern] of ASKED) {
    plain = plain.replace(pattern, () => {
      intents.add(intent);
      return ' ';
    });
  }
  plain = plain.replace(A_NOT_A, ' ');
  const persons = new Set(plain.match(PERSONS) ?? []);
  const numbers = new Set(plain.match(/\d+(?:\.\d+)?/g) ?? []);
  plain = plain
    .replace(/[一1][次回遍趟]/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

  const meaning = new Set<string>();
  const weighty = new Set<string>();
  const kept: string[] = [];
  for (const { word, tag } of words().tag(plain, true)) {
    if (word.trim() === '' || STOP.has(word)) continue;
    kept.push(word);
    meaning.add(word);
    if (carriesWeight(word, tag)) weighty.add(word);
  }
  return new ReadWording({
    words: shared(meaning),
    weighty: weighty.size === meaning.size ? shared(meaning) : shared(weighty),
    intents: shared(intents),
    numbers: shared(numbers),
    negated,
    persons: shared(persons),
    plain: kept.join(''),
    key,
  });
}

/** An index holds a hundred thousand of these: what can be made again from the text is not kept. */
class ReadWording implements Wording {
  readonly words: ReadonlySet<string>;
  readonly weighty: ReadonlySet<string>;
  readonly intents: ReadonlySet<Intent>;
  readonly numbers: ReadonlySet<string>;
  readonly negated: boolean;
  readonly persons: ReadonlySet<string>;
  readonly plain: string;
  readonly key: string;

  constructor(parts: Omit<Wording, 'grams'>) {
    this.words = parts.words;
    this.weighty = parts.weighty;
    this.intents = parts.intents;
    this.numbers = parts.numbers;
    this.negated = parts.negated;
    this.persons = parts.persons;
    this.plain = parts.plain;
    this.key = parts.key;
  }

  get grams(): ReadonlySet<string> {
    // 你会什么 is nothing but words that carry none: then its letters have to do.
    return gramsOf(this.plain || this.key);
  }
}

const NONE: ReadonlySet<never> = new Set();

function shared<T>(set: ReadonlySet<T>): ReadonlySet<T> {
  return set.size === 0 ? NONE : set;
}

/** With its grams made once: for a question, which is compared with many. */
export function keepGrams(wording: Wording): Wording {
  const { words, weighty, grams, intents, numbers, negated, persons, plain, key } = wording;
  return { words, weighty, grams, intents, numbers, negated, persons, plain, key };
}

function carriesWeight(word: string, tag: string): boolean {
  if (LIGHT.has(word) || /^\d/.test(word)) return false;
  return !LIGHT_TAG.test(tag) || word.length > 2 || /^[a-z]+$/.test(word);
}

/** Half of a character beyond the basic plane. */
const SURROGATE = /[\ud800-\udfff]/;

function gramsOf(text: string): Set<string> {
  const grams = new Set<string>();
  if (!SURROGATE.test(text)) {
    for (let size = 1; size <= 3; size += 1)
      for (let start = 0; start + size <= text.length; start += 1) grams.add(text.substring(start, start + size));
    return grams;
  }
  const chars = [...text];
  for (let size = 1; size <= 3; size += 1) {
    for (let start = 0; start + size <= chars.length; start += 1) grams.add(chars.slice(start, start + size).join(''));
  }
  return grams;
}

const DIGIT_OF: Record<string, string> = {
  一: '1',
  二: '2',
  两: '2',
  俩: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
};

/** 两个钟头 and 2小时 are one; 一次 and 一天 count nothing here. */
function arabicNumerals(text: string): string {
  return text
    .replace(/([二两俩三四五六七八九\d])个?(?:小时|钟头)/g, (_all, digit: string) => `${DIGIT_OF[digit] ?? digit}小时`)
    .replace(/([二两三四五六七八九])(?=[天年周月岁克片次回遍粒])/g, (digit) => DIGIT_OF[digit] ?? digit)
    .replace(/[一1每][天日周年顿](?!前)/g, ' ');
}
