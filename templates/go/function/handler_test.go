package function

import "testing"

func TestAnswersWithTheRequestBody(t *testing.T) {
	if got, want := Handle([]byte("hello")), "Hello, Go. You said: hello"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAcceptsAnEmptyBody(t *testing.T) {
	if got, want := Handle(nil), "Hello, Go. You said: "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
