import { normaliseText } from '../platform/text-normalise.js';

const CHECK_IN = /^[\s/]*(?:打卡|签到|check[\s-]?in)/u;
const ASKS = /[?]|吗|么$|呢$|怎么|咋|什么|能不能|可以|要不要|多少|多久|为什么/u;
/** Words that point at the value, or at the person: then it is their own case. */
const OWN =
  /我|俺|咱|自己|妈|爸|老伴|爷|奶|孩子|这|那|\d|正常|要紧|高吗|低吗|高不高|低不低|算高|算低|偏高|偏低|严重|怎么办|咋办|咋整/u;

/**
 * The general question beside a check-in: 能吃西瓜吗 in 打卡 空腹6.5，能吃西瓜吗.
 * Undefined where there is none, or where it may be about the value or the person.
 */
export function checkInQuestion(text: string): string | undefined {
  const said = normaliseText(text.replaceAll('\n', ','));
  if (!CHECK_IN.test(said)) return undefined;
  const clauses = said
    .replace(CHECK_IN, '')
    .split(/(?<=[?])|[,;。!\s]+/u)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
  const asking = clauses.filter((clause) => ASKS.test(clause));
  if (asking.length !== 1 || asking[0] === undefined || OWN.test(asking[0])) return undefined;
  return asking[0];
}
