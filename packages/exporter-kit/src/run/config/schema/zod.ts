// What is built of this is one file. Zod as it is installed has more of them than some systems let a process open at once.
export { z } from 'zod';
