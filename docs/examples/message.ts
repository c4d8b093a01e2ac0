import type { Override } from 'nestcheck';

const wholeMessage: Override = {
  name: 'guest-message-as-it-is',
  kind: 'design',
  summary:
    'the kernel takes address and data of a message from the guest, and maps the doorbell behind that address',
  source: 'an idea to be argued about',
  rules: {
    msi: { doorbellPlace: 'told', messageHasGuestAddress: true, messageHasHostData: false },
  },
};

export default wholeMessage;
