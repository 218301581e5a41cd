import { hashTrace } from './trace.js';

console.log(await hashTrace(Number(process.argv[2])));
process.exit(0);
