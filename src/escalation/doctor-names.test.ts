import { describe, expect, it } from 'vitest';
import { matchDoctors } from './doctor-names.js';

const doctor = (realName: string) => ({
  personId: realName,
  realName,
  speciality: '内分泌科',
  institution: '示例医院',
  simulated: true,
});
const doctors = [doctor('李明'), doctor('李明月'), doctor('王芳'), doctor('欧阳雪')];

describe('matchDoctors', () => {
  it.each([
    ['李明', ['李明']],
    ['@李明月', ['李明月']],
    ['李医生', ['李明', '李明月']],
    ['李明医生', ['李明']],
    ['王主任', ['王芳']],
    ['欧阳大夫', ['欧阳雪']],
    ['赵医生', []],
    ['医生', []],
    ['', []],
  ])('%s', (name, expected) => {
    expect(matchDoctors(doctors, name).map((d) => d.realName)).toEqual(expected);
  });
});
