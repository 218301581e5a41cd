import { normaliseText } from '../platform/text-normalise.js';

/**
 * Is this a question or complaint about a particular person's health (SAFETY.md 4)?
 *
 * Such a message goes to a doctor; "二甲双胍什么时候吃" is knowledge and stays
 * with the entries. The features are those of section 4: a person and a body, a
 * drug or a result; a symptom that is told; a result with the wish for its meaning;
 * pregnancy and children unless the question only asks what something is.
 */
export function isPersonalClinical(text: string): boolean {
  const said = normaliseText(text.slice(0, LONGEST)).replace(/ (?=\p{Script=Han})|(?<=\p{Script=Han}) /gu, ',');
  if (COMMAND.test(said) || QUOTED.test(said)) return false;
  if (asksForOthersUse(said)) return true;
  if (isArticle(said) || isDefinition(said)) return false;
  return (
    asksAboutOwnTreatment(said) ||
    asksAboutResult(said) ||
    tellsSymptom(said) ||
    tellsStory(said) ||
    concernsProtectedPerson(said)
  );
}

const LONGEST = 1000;

const COMMAND =
  /^\/?(?:打卡|签到|补卡|更正|打错|请假|销假|兑换|排行榜|我的|帮助|隐私|同意|不同意|撤回|转医生|提醒我|取消|绑定|昵称|上榜|下榜)(?!.*[?]|.*(?:吗|怎么|能不能|可以不可以|要不要))/u;
const QUOTED = /【转发】|https?:\/\/|转自|阅读原文/u;

const KIN =
  '妈|爸|爹|娘|母亲|父亲|老伴|老公|丈夫|老婆|媳妇|爱人|儿子|女儿|闺女|孩子|宝宝|小孩|孙子|孙女|爷爷|奶奶|姥姥|姥爷|外公|外婆|公公|婆婆|岳父|岳母|丈母娘|哥|弟弟|姐|妹妹|家里老人|家人|叔叔|阿姨|舅|姑';
const PERSON = new RegExp(`我|俺|本人|咱|自己|(?:${KIN})|(?:男|女)[,，]?\\d{1,2}岁|\\d{1,3}岁|患者(?:男|女)`, 'u');
/** 我 that is no patient: 我想问, 告诉我, 我们群. */
const TALK =
  /我(?:想|就|)(?:问|了解|知道|咨询|请教|学习|听说|看到|看)(?:一下|下|)|(?:告诉|教|帮|给|跟|推荐给)我|请问我们|我们(?:群|医院|这)|我(?:的|)(?:打卡|积分|排名|奖品|问题)/gu;

const DRUG =
  '药|拜糖平|拜唐苹|格华止|达美康|倍他乐克|络活喜|代文|沙库巴曲|胰岛素|针剂|打针|二甲双胍|格列|列净|列汀|阿卡波糖|司美格鲁肽|利拉鲁肽|度拉糖肽|沙坦|普利|地平|洛尔|他汀|阿司匹林|氯吡格雷|华法林|利尿|激素|头孢|布洛芬|优甲乐|甘精|门冬|德谷|诺和|片|胶囊|单位|剂量|中药|保健品|疫苗|造影|麻药|手术|支架|透析|化疗|螺内酯|呋塞米|地高辛|胺碘酮|秋水仙碱|非布司他|钙片|维生素|叶酸|鱼油';
const SYMPTOM =
  '泡沫|踩棉花|疼|痛|晕|麻|木|痒|肿|吐|恶心|呕|泻|拉肚子|便秘|咳|喘|憋|胸闷|气短|心慌|心悸|乏力|没劲|无力|发烧|发热|出汗|盗汗|抽筋|抽搐|失眠|睡不着|口渴|口干|尿多|尿频|起夜|尿血|便血|出血|流血|模糊|看不清|看不见|耳鸣|水肿|浮肿|皮疹|红疹|疙瘩|起泡|溃烂|化脓|破皮|伤口|烂|硬结|瘦了|掉头发|不舒服|难受|发抖|手抖|饿得慌|头沉|酸胀|酸痛|反酸|烧心|打嗝|胀气|腹胀|胃胀|低血糖|晕倒|昏迷|犯了|发作|不行了|过敏|抑郁|焦虑|心情|想哭|崩溃|鼻血|发黑|黑影|流脓|破了|贫血|结节|囊肿|息肉|积液|骨折|炎|白带|月经';
const RESULT =
  'tir|gad|st段|血钾|血鸭|血亚|雪糖|血唐|血塘|血糖|空腹|餐后|饭后|餐前|睡前|糖化|血压|高压|低压|心率|心跳|脉搏|血脂|胆固醇|甘油三酯|尿酸|肌酐|尿蛋白|蛋白|转氨酶|酮体|体温|血氧|化验|报告|检查|结果|指标|b超|彩超|ct|核磁|心电图|造影|胰岛功能|c肽|抗体|体检|数值|血红蛋白|白细胞|hcg|孕酮|tsh|动态血糖|胸片';
const COMORBID =
  '肾不好|肾病|肾功能|肾衰|尿毒症|透析|心衰|心力衰竭|冠心病|心梗|支架|癌|肿瘤|化疗|移植|肝硬化|肝衰|肝不好|脑梗|中风|偏瘫|肾移植|房颤|帕金森|痴呆';
const PROTECTED =
  '怀孕|孕妇|孕期|孕\\d|早孕|妊娠|备孕|哺乳|母乳|坐月子|产后|胎儿|胎动|宝宝|婴儿|新生儿|小孩|孩子|儿童|小儿|幼儿|小朋友|儿子|女儿|孙子|孙女|流产|\\d{1,2}个月大|(?:[一二三四五六七八九十]|[1-9]|1[0-7])岁';
const ASKS =
  '[?]|吗|呢|么$|怎么|咋|能不能|可不可以|可以|要不要|该不该|要紧|行不行|是不是|会不会|是否|有没有|为什么|为啥|什么|多少|哪|严重|正常|求助|请教|请问|医生|大夫|主任|怎样|如何|需要|应该|好不好|([\\p{Script=Han}])不\\1|不[?]?$|不[,。]|啥|判断|可得';
const CHANGE =
  '停药|停掉|停了|停用|不吃了|不打了|减量|减药|加量|加药|换药|换成|换个|改成|改吃|改打|调药|调整|调量|少打|多打|少吃点药|漏服|漏吃|漏打|忘吃|忘打|忘服|忘了吃|忘了打|吃多|打多|加到|减到|减半|加倍|隔天吃|一起吃|同时吃|同吃|还能吃|还要吃|还用吃|能吃|可以吃|能打|能用|能停|要停|该停|吃哪种|吃什么药|用什么药|怎么吃药|怎么用药|副作用|开点|开药|推荐';

const has = (words: string, text: string): boolean => new RegExp(words, 'u').test(text);

function namesPerson(text: string): boolean {
  return PERSON.test(text.replace(TALK, ''));
}

/** 群里谁吃过…: asking the crowd about a drug is asking about one's own. */
function asksForOthersUse(text: string): boolean {
  return (
    has('(?:谁|有人|有没有人|群里|大家|病友|糖友)[^,。?]{0,8}(?:吃过|用过|打过|在吃|在用|停过|做过)', text) &&
    has(DRUG, text)
  );
}

/** Long, about nobody, in the words of an article: a paste, not a complaint. */
function isArticle(text: string): boolean {
  const words =
    '有助于|研究|专家|是一种|是指|人体|疗效|功效|有效|患者(?:可以|应|需|来说|的)|常见的|人们|建议(?:大家|患者)|据|其中|此外|因此|首先|总之|例如|等症状|需要注意';
  return (
    text.length > ARTICLE &&
    !/我|俺|本人/u.test(text.replace(TALK, '')) &&
    has(words, text) &&
    !has('请问|求助|大夫', text)
  );
}

const ARTICLE = 80;

/** Asks what something is, how it is measured, kept or prevented, about nobody. */
function isDefinition(text: string): boolean {
  if (namesPerson(text) || has(TOLD, text)) return false;
  return has(
    '什么是|是什么意思|是什么病|是啥|的(?:定义|区别|原因|症状|表现|危害|分类|标准|原则)|有哪些|有什么(?:症状|表现|危害|区别|后果)|(?:怎么|怎样|如何)(?:预防|诊断|判断|识别|确诊|筛查|保存|测|量)|(?:症状|原因|表现)(?:是什么|有哪些)|会(?:遗传|传染)吗|正常(?:值|范围)|多少(?:算|为|是)正常|能活多久|医院|多少钱',
    text,
  );
}

/** ①②⑩⑭⑮ and ⑥: drugs, changes, interactions, choices, of a named person. */
function asksAboutOwnTreatment(text: string): boolean {
  const person = namesPerson(text);
  if (has(COMORBID, text) && has('能|可以|要不要|怎么办|吗|[?]|怎么', text)) {
    return person || has('(?:还能|能不能|可以|能)(?:吃|用|打|喝|做|停)', text);
  }
  if (!person) return has('(?:给|帮)我开.{0,6}药|(?:停药|停掉|减量|加量|换药|漏服|漏打|忘打|忘吃|打重|吃重)了', text);
  if (has(DRUG, text) && (has(ASKS, text) || has(CHANGE, text))) return true;
  return has(
    '(?:是不是|会不会是|怀疑)(?:得了|有|患)|能治好|治得好|要住院|要手术|做手术|断食|生酮|辟谷|节食|开点.{0,4}药|给我开|加量|减量|(?:加|减|换)(?:一种|成|几个?|半|到)|剂量|换一?个?方案|先治|哪一?型|怎么治|控制在多少|控制到多少|该挂|挂什么科',
    text,
  );
}

/** ③⑤⑪: a number or a sheet with the wish for its meaning. */
function asksAboutResult(text: string): boolean {
  const number = /\d(?:[./]\d)?|[一二三四五六七八九]点[一二三四五六七八九零]/u.test(text);
  const wish = has(
    '要不要|准不准|要紧|正常吗|高吗|低吗|高不高|低不低|严重|怎么办|咋办|行吗|可以吗|危险|怎么回事|咋回事|为什么|为啥|是不是|正常不|算(?:高|低|糖尿病|高血压|正常)|偏高|偏低|怎么看|什么意思|看看|有事吗|好不好|怎么样|需要|吃什么药|用药|啥意思|是啥|哪一?型|先治|哪个|加量|减量|下不来|降不下来|[?]|吗',
    text,
  );
  if (!wish || !has(RESULT, text)) return false;
  if (namesPerson(text)) return true;
  return (
    number &&
    !has('正常(?:值|范围)|标准|多少(?:算|是|为)|超过\\d|以上|以下|低于\\d|高于\\d|换算|mg/dl|小时(?:从|算)', text)
  );
}

/** Words of somebody who tells what is, not who asks what would be. */
const TOLD =
  '最近|这几天|这两天|几天了|天了|周了|个月了|年了|昨天|昨晚|今天|今早|现在|刚才|刚刚|突然|一直|老是|总是|总觉得|经常|反复|越来越|又|加重|厉害|不停|得很|得慌|受不了|感觉|觉得|有点|前天|早上|晚上睡';

/** ④⑬: a symptom, new or worse. */
function tellsSymptom(text: string): boolean {
  if (!has(SYMPTOM, text)) return false;
  const knowledge = has('怎么预防|如何预防|会不会(?:引起|导致)|的症状|什么症状|哪些症状|有哪些', text);
  if (namesPerson(text)) return !knowledge || has(TOLD, text);
  return has(TOLD, text) && !knowledge;
}

/** Of the symptoms and results those that mean nothing else in everyday talk. */
const FINDING = [...`${SYMPTOM}|${RESULT}|${COMORBID}`.split('|'), '手术后', '做手术', '疼', '痛', '咳']
  .filter((word) => word.length > 1 || '疼痛咳'.includes(word))
  .filter(
    (word) => !/^(?:结果|报告|指标|数值|检查|心情|高压|低压|崩溃|想哭|难受|蛋白|犯了|发作|不行了|ct|焦虑)$/u.test(word),
  )
  .join('|');

const STORY =
  '开始|出现|导致|伴有|复发|术后|查出|诊断|确诊|做过|做了|检查(?:说|出|结果|过)|医生说|大夫(?:说|给)|好转|时好时坏|病人|患者|左右|多天|月前|年前|周前|以前|之前|之后|住院|复查|本来|然后|后来|自从|查过|拍(?:了|片|的)|报告|目前|长期|现|已|没有?(?:好|发烧|咳嗽)|不发烧|吃了|打了|输液|用了';

/** ③④: a history told in several clauses, with a symptom or a finding in it, even where nobody is named. */
function tellsStory(text: string): boolean {
  const clauses = text.split(/[,。;!?]/u).filter((clause) => clause.length > 1).length;
  const isLong = clauses >= 3 || text.length >= LONG_STORY;
  const finding = has(FINDING, text);
  return isLong && finding && (has(STORY, text) || has(TOLD, text));
}

const LONG_STORY = 30;

/** ⑦⑧: pregnancy, breast-feeding and children, whoever asks. */
function concernsProtectedPerson(text: string): boolean {
  return (
    has(PROTECTED, text) &&
    (has(ASKS, text) || has(SYMPTOM, text)) &&
    (has(HEALTH, text) || (namesPerson(text) && has(`${SYMPTOM}|${DRUG}|${RESULT}`, text)))
  );
}

const HEALTH = `${SYMPTOM}|${DRUG}|${RESULT}|糖尿病|高血压|吃|喝|病|治|奶|胎|孕|影响|检查|测`;
