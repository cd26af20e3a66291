// Ctrl-C and SIGTERM while we wait for the server: the first asks the server to cancel, so that the run
// stops in order; the second ends the client at once, and the run goes on without it.
// SPDX-License-Identifier: PostgreSQL
#pragma once
#include <csignal>

namespace migrate::client {

// While one is alive the two signals only leave a mark.
class Interrupts
{
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts &) = delete;
    Interrupts &operator=(const Interrupts &) = delete;

    bool asked() const;
    // Becomes readable with the first signal.
    int descriptor() const { return pipe_[0]; }
    // Takes the mark out of the descriptor, so that poll() sleeps again.
    void acknowledge();

private:
    int pipe_[2];
    struct sigaction before_int_, before_term_;
};

} // namespace migrate::client
