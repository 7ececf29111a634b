import { Banner } from '../ui/banner.tsx';
import { Button } from '../ui/button.tsx';
import { explain, titleAdds } from './explain.ts';

interface ProblemBannerProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  readonly className?: string;
}

export function ProblemBanner({ error, onRetry, className }: ProblemBannerProps) {
  const { title, detail, requestId } = explain(error);
  return (
    <Banner
      tone="danger"
      {...(className === undefined ? {} : { className })}
      action={
        onRetry && (
          <Button look="quiet" onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {titleAdds({ title, detail }) && <p className="font-medium">{title}</p>}
      <p>{detail}</p>
      {/* Another try has another id: that alone is no reason to read everything again. */}
      {requestId !== undefined && (
        <p aria-live="off" className="mt-1 text-sm opacity-85">
          Request id: {requestId}
        </p>
      )}
    </Banner>
  );
}
