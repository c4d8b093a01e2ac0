import fc from 'fast-check';

/*
 * One seed for every property test: what passes here passes elsewhere. FC_SEED=n tries another.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
