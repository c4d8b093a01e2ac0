export const hexOf = (value: number | bigint): string => `0x${value.toString(16)}`;
