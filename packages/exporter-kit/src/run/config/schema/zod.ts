// What is built of this is one file, without the translations of zod's messages: `z.locales` has `en` only. Zod as it is
// installed has more files than some systems let a process open at once.
export { z } from 'zod';
