import { normaliseText } from '../platform/text-normalise.js';

const NUMBER = '(?:\\d+(?:[.,]\\d+)?|[零一二两三四五六七八九十百半几]+(?:点[零一二三四五六七八九]+)?)';
const MEASURED =
  '(?:血糖|空腹|餐后|饭后|睡前|糖化(?:血红蛋白)?|血压|高压|低压|收缩压|舒张压|心率|脉搏|体温|血氧|酮体|体重|尿酸|肌酐|胆固醇|甘油三酯|转氨酶|血红蛋白|白蛋白|血钾)';
const VERDICT = '(?:偏?高|偏?低|异常|正常|阳性|阴性|超标|升高|降低|加号|\\+|好转|不好|不太好|没问题|有问题|达标)';
const TEST =
  '(?:化验单?|检查|检验|报告单?|片子|ct|核磁|b超|彩超|超声|心电图|造影|病理|眼底|尿常规|血常规|尿蛋白|肝功能?|肾功能?|甲功)';
const DISEASE = '(?:病|症|炎|癌|瘤|梗死?|中风|感染|高血压|低血糖|酮症|心衰|肾衰|怀孕|妊娠|骨折|反流|结石)';

/**
 * What makes a doctor's reply personal (CONVERSATION.md, "Doctors"): a value, a
 * drug with a dose, a result, or a diagnosis. Such a reply goes to the patient
 * alone. In doubt it is personal.
 */
const RULES: Readonly<Record<string, RegExp>> = {
  'value with a unit': new RegExp(
    `${NUMBER}\\s*(?:mmol|mg/dl|mmhg|毫米汞柱|毫摩尔|kg|公斤|斤|℃|°c|度(?!假)|次/分|%)`,
    'u',
  ),
  'blood pressure': /(?<!\d)\d{2,3}\s*[/／]\s*\d{2,3}(?!\d)/u,
  'bare decimal': /(?<![\d.])\d{1,2}\.\d(?!\d)(?!\s*(?:小时|天|周|米|公里|版))/u,
  'measured number': new RegExp(
    `${MEASURED}[^,。;!?\\n]{0,6}?(?<![第这那有])(?:\\d|[一二三四五六七八九十]+(?:点|百)[一二三四五六七八九])(?!\\d*\\s*(?:个?小时|个?半小时|分钟|个?月|天|周|次|年|勺|口))`,
    'u',
  ),
  dose: new RegExp(
    `${NUMBER}\\s*(?:mg|毫克|微克|μg|ug|ml|毫升|片(?!面包|西瓜|苹果|菜叶|生菜|土司|吐司)|粒|单位|个单位|u(?![a-z])|iu|g(?![a-z])|支|丸|袋|滴|喷|颗药|针)`,
    'u',
  ),
  'verdict on a value': new RegExp(`${MEASURED}[^,。;!?\\n]{0,6}${VERDICT}`, 'u'),
  'verdict on a test': new RegExp(
    `${TEST}[^,。;!?\\n]{0,8}(?:${VERDICT}|显示|提示|说明|结果是?|看(?:是|到|出|起来))`,
    'u',
  ),
  diagnosis: new RegExp(
    `(?:确诊|诊断(?:为|是|成)?|考虑(?:是|为)?|怀疑是?|疑似|像是|属于|符合|得了|患有|患了|就是)[^,。;!?\\n]{0,10}${DISEASE}`,
    'u',
  ),
  'you have': new RegExp(
    `(?:您|你|她|他|孩子|宝宝|老人|母亲|父亲|妈妈?|爸爸?|奶奶|爷爷)(?:这个?|这种|的?情况|可能|应该|多半|现在|已经|没|不|并|会)*(?:是|有|得)[^,。;!?\\n]{0,8}${DISEASE}(?!友|人)`,
    'u',
  ),
};

export function holdsPersonalFinding(text: string): boolean {
  return findPersonal(text) !== undefined;
}

/** The name of the first rule that makes a text personal. */
export function findPersonal(text: string): string | undefined {
  const normalised = normaliseText(text);
  return Object.entries(RULES).find(([, pattern]) => pattern.test(normalised))?.[0];
}
